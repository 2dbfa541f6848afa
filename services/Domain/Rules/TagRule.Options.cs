using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Expressions;

namespace TaggingPipeline.Domain.Rules;

/// <summary>What stands between the value that a rule calls for and the value that a customer has.</summary>
public sealed partial class TagRule
{
    public TagOptions Options { get; internal init; } = TagOptions.None;

    /// <summary>The tags of which it is one; null for none.</summary>
    internal TagGroup? Group { get; init; }

    /// <summary>Whether the tag can have this value: what may be assigned by hand.</summary>
    public bool Accepts(Value value)
    {
        if (_value is not null)
            return value.Kind is ValueKind.Text or ValueKind.Number;
        return Tiers is { IsEmpty: false } names ? value.Kind == ValueKind.Text && names.Contains(value.AsText) : value == Value.True;
    }

    /// <summary>
    /// The value that the customer has as of the scope's instant, all options considered, and the instant up to which it certainly stays the same; it may stay
    /// longer.
    /// </summary>
    internal Called Evaluate(in Scope scope)
    {
        if (Group is null || !Options.IsEnabled)
            return EvaluateApart(scope);
        var (instead, until) = Group.InsteadOf(this, scope);
        if (instead is not null)
            return new(Value.Missing, until);
        var apart = EvaluateApart(scope);
        return new(apart.Value, Math.Min(apart.Until, until));
    }

    /// <summary>As <see cref="Evaluate"/>, but for the other tags of its group.</summary>
    internal Called EvaluateApart(in Scope scope)
    {
        if (!Options.IsEnabled)
            return new(Value.Missing, Timed.Never);
        if (ByHand(scope) is { } byHand)
            return new(byHand.Done.Value, byHand.Until);
        return Options.IsManual ? new(Value.Missing, Timed.Never) : HasAPast ? CallWithPast(scope) : Call(scope);
    }

    /// <summary>What was done by hand and stands above the rule, and up to when; null if the rule decides.</summary>
    internal (HandTag Done, long Until)? ByHand(in Scope scope)
    {
        if (!Options.IsEnabled || scope.Facts!.TagFacts.ByHandOf(Key) is not { Action: not HandAction.Released } done)
            return null;
        if (done.Action == HandAction.Removed)
            return (done, Timed.Never);
        var end = Options is { IsManual: true, Expires: { } expires } ? done.Time + Milliseconds(expires) : Timed.Never;
        return Accepts(done.Value) && scope.AsOf < end ? (done, end) : null;
    }

    /// <summary>Why it comes to its value.</summary>
    /// <param name="explanation">Empty; and empty again afterwards.</param>
    internal Reason Explain(in Scope scope, Explanation explanation)
    {
        if (!Options.IsEnabled)
            explanation.State("disabled in the rulebook");
        else if (Group?.InsteadOf(this, scope).Instead is { } instead)
            ExplainGroup(scope, instead, explanation);
        else if (ByHand(scope) is { Done: var done })
            Explain(done, explanation);
        else if (Options.IsManual)
            explanation.State("assigned by hand only");
        else
            ExplainCalled(scope, explanation);
        return explanation.ToReason();
    }

    private void ExplainCalled(in Scope scope, Explanation explanation)
    {
        if (HasAPast)
            ExplainPast(scope, explanation);
        ExplainCall(scope, explanation);
    }

    private void ExplainGroup(in Scope scope, TagRule instead, Explanation explanation)
    {
        explanation.State($"`{instead.Key}` comes first in the group {Group!.Name}");
        if (instead.ByHand(scope) is { Done: var done })
            Explain(done, explanation);
    }

    private static void Explain(HandTag done, Explanation explanation)
    {
        explanation.State($"{(done.Action == HandAction.Assigned ? "assigned" : "removed")} by hand by {done.By}: {done.Reason}");
        explanation.Add(done.Time, done.EventId);
    }
}
