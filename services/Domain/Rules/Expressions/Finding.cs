using NodaTime;
using NodaTime.Text;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Rules.Expressions;

/// <summary>What was found of a clause and what becomes of it, as a note for a person to read. Most are never read, so it is written when it is.</summary>
/// <param name="isShort">It wants at least, or more than, its threshold, and has less.</param>
/// <param name="changesAt">When the clause comes out otherwise if nothing more happens; never where that is not known.</param>
/// <param name="leavesAt">When the oldest of what it counts leaves the window; never where nothing does.</param>
/// <param name="coarse">What is not exact about it; null where all is.</param>
internal sealed class Finding(bool isShort, bool wantsMore, string? counted, long changesAt, long leavesAt, string? coarse, DateTimeZone zone)
{
    private static readonly LocalDateTimePattern Minutes = LocalDateTimePattern.CreateWithInvariantCulture("d MMMM uuuu HH:mm");
    private static readonly LocalDateTimePattern Seconds = LocalDateTimePattern.CreateWithInvariantCulture("d MMMM uuuu HH:mm:ss.FFF");

    /// <summary>A comparison, with how far it is from holding: <c>4 of 5 browses, the oldest leaves the window on 3 December 2026 14:02</c>.</summary>
    public static Clause OfComparison(Comparison comparison, BinaryOperator @operator, Expression left, Expression right, in Scope scope)
    {
        var (actual, threshold) = (left.Evaluate(scope).Value, right.Evaluate(scope).Value);
        var timed = comparison.Evaluate(scope);
        var isShort = !timed.Holds && @operator is BinaryOperator.GreaterOrEqual or BinaryOperator.Greater && left is Aggregate or Sequence && actual.TryNumber(out _) && threshold.TryNumber(out _);
        var leavesAt = Math.Min(left.LeavesAt(scope), right.LeavesAt(scope));
        return Of(comparison, timed, actual, threshold, isShort, @operator == BinaryOperator.Greater, left.Counted, leavesAt, left.CoarseNote(scope) ?? right.CoarseNote(scope), scope);
    }

    /// <summary>Any other clause.</summary>
    /// <param name="threshold">What it is compared with; missing where it compares nothing.</param>
    public static Clause Of(Expression clause, Value actual, Value threshold, in Scope scope) =>
        Of(clause, clause.Evaluate(scope), actual, threshold, isShort: false, wantsMore: false, null, clause.LeavesAt(scope), clause.CoarseNote(scope), scope);

    /// <summary>The note to a clause.</summary>
    public string Write(Value actual, Value threshold, bool holds)
    {
        var found = isShort ? $"{actual} of {(wantsMore ? "more than " : "")}{threshold}{(counted is null ? "" : $" {counted}")}"
            : actual.Kind == ValueKind.Boolean && threshold.IsMissing ? ""
            : $"found {actual}";
        var outlook = changesAt != Timed.Never ? $"{(holds ? "holds until" : "will hold from")} {TextOf(changesAt)}"
            : leavesAt != Timed.Never ? $"the oldest leaves the window on {TextOf(leavesAt)}"
            : "";
        return string.Join(", ", new[] { found, outlook, coarse ?? "" }.Where(part => part.Length > 0));
    }

    private static Clause Of(Expression clause, Timed timed, Value actual, Value threshold, bool isShort, bool wantsMore, string? counted, long leavesAt, string? coarse, in Scope scope)
    {
        var changesAt = NextChange(clause, timed, scope);
        var finding = isShort || changesAt != Timed.Never || leavesAt != Timed.Never || coarse is not null
            ? new Finding(isShort, wantsMore, counted, changesAt, leavesAt, coarse, scope.Zone)
            : null;
        return new(clause.Text, actual, threshold, timed.Holds, finding);
    }

    /// <summary>When a condition comes out otherwise if nothing more happens; never where that is not among the next instants at which it might.</summary>
    private static long NextChange(Expression clause, Timed now, in Scope scope)
    {
        const int MostSteps = 8;
        var until = clause.Type == StaticType.Boolean ? Timed.Reckoned(now.Until) : Timed.Never;
        for (var step = 0; step < MostSteps && until != Timed.Never; step++)
        {
            var later = clause.Evaluate(scope with { AsOf = until });
            if (later.Holds != now.Holds)
                return until;
            until = Timed.Reckoned(later.Until);
        }

        return Timed.Never;
    }

    /// <summary>An instant as the rulebook's zone has it.</summary>
    private string TextOf(long milliseconds)
    {
        var local = Instant.FromUnixTimeMilliseconds(milliseconds).InZone(zone).LocalDateTime;
        return (local is { Second: 0, Millisecond: 0 } ? Minutes : Seconds).Format(local);
    }
}
