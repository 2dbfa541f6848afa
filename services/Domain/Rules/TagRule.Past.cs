using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Expressions;

namespace TaggingPipeline.Domain.Rules;

/// <summary>Rules that depend on what they came to before: <c>hold</c> and <c>expires</c>.</summary>
/// <remarks>
/// The past is one <see cref="TagAssignment"/>: what the rule calls for, and since when. It becomes another when the rule, outside of a hold, calls for something else, and
/// ends when something stands above the rule. Whether a value has expired follows from it and the instant.
/// </remarks>
public sealed partial class TagRule
{
    /// <summary>Whether what it comes to depends on what it came to before.</summary>
    internal bool HasAPast => !Options.IsManual && (Options.Hold is not null || Options.Expires is not null);

    /// <summary>What it has come to as of the scope's instant, if that is another thing than the facts say; null if it is not.</summary>
    internal TagAssignment? Assign(in Scope scope)
    {
        var known = scope.Facts!.TagFacts.AssignedOf(Key);
        var isAbove = !Options.IsEnabled || ByHand(scope) is not null || Group?.InsteadOf(this, scope).Instead is not null;
        var called = isAbove ? Value.Missing : IsKept(known, scope.AsOf, out _) ? known!.Value : Call(scope).Value;
        return called == (known?.Value ?? Value.Missing)
            ? null
            : new(Key, called, NodaTime.Instant.FromUnixTimeMilliseconds(scope.AsOf), (known?.Sequence ?? 0) + 1);
    }

    /// <summary>What the rule calls for, given its past. Where the facts have not taken in yet what it has come to, as if they had.</summary>
    private Called CallWithPast(in Scope scope)
    {
        var known = scope.Facts!.TagFacts.AssignedOf(Key);
        if (IsKept(known, scope.AsOf, out var until))
            return new(known!.Value, until);
        var called = Call(scope);
        if (called.Value.IsMissing || EndOf(called.Value, known, scope.AsOf) is not { } end)
            return called;
        return scope.AsOf < end ? new(called.Value, Math.Min(called.Until, end)) : new(Value.Missing, called.Until);
    }

    private void ExplainPast(in Scope scope, Explanation explanation)
    {
        var known = scope.Facts!.TagFacts.AssignedOf(Key);
        var called = Call(scope).Value;
        if (IsKept(known, scope.AsOf, out _) && called != known!.Value)
            explanation.State($"kept for at least {DurationText.Format(Milliseconds(Options.Hold!.Value))} from {Value.InstantAt(known.Time)}");
        else if (!called.IsMissing && EndOf(called, known, scope.AsOf) <= scope.AsOf)
            explanation.State($"ended {DurationText.Format(Milliseconds(Options.Expires!.Value))} after {Value.InstantAt(known!.Time)}");
    }

    private bool IsKept(TagAssignment? known, long asOf, out long until)
    {
        until = known is { Value.IsMissing: false } && Options.Hold is { } hold ? known.Time + Milliseconds(hold) : long.MinValue;
        return asOf < until;
    }

    /// <summary>When a value that the rule calls for ends; null for never.</summary>
    private long? EndOf(Value called, TagAssignment? known, long asOf) =>
        Options.Expires is { } expires ? (known is not null && known.Value == called ? known.Time : asOf) + Milliseconds(expires) : null;

    private static long Milliseconds(NodaTime.Duration duration) => (long)duration.TotalMilliseconds;
}
