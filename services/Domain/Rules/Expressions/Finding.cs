using NodaTime;
using NodaTime.Text;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Rules.Expressions;

/// <summary>Says of a clause what was found and what becomes of it, for a person to read.</summary>
internal static class Finding
{
    private static readonly LocalDateTimePattern Minutes = LocalDateTimePattern.CreateWithInvariantCulture("d MMMM uuuu HH:mm");
    private static readonly LocalDateTimePattern Seconds = LocalDateTimePattern.CreateWithInvariantCulture("d MMMM uuuu HH:mm:ss.FFF");

    /// <summary>A comparison, with how far it is from holding: <c>4 of 5 browses, the oldest leaves the window on 3 December 2026 14:02</c>.</summary>
    public static Clause OfComparison(Comparison comparison, BinaryOperator @operator, Expression left, Expression right, in Scope scope)
    {
        var (actual, threshold) = (left.Evaluate(scope).Value, right.Evaluate(scope).Value);
        var isShort = @operator is BinaryOperator.GreaterOrEqual or BinaryOperator.Greater && left is Aggregate or Sequence && actual.TryNumber(out _) && threshold.TryNumber(out _);
        var found = isShort && !comparison.Evaluate(scope).Holds
            ? $"{actual} of {(@operator == BinaryOperator.Greater ? "more than " : "")}{threshold}{(left.Counted is { } counted ? $" {counted}" : "")}"
            : $"found {actual}";
        return Of(comparison, actual, threshold, found, Math.Min(left.LeavesAt(scope), right.LeavesAt(scope)), scope);
    }

    /// <summary>Any other clause.</summary>
    /// <param name="threshold">What it is compared with; missing where it compares nothing.</param>
    public static Clause Of(Expression clause, Value actual, Value threshold, in Scope scope) =>
        Of(clause, actual, threshold, actual.Kind == ValueKind.Boolean && threshold.IsMissing ? "" : $"found {actual}", clause.LeavesAt(scope), scope);

    private static Clause Of(Expression clause, Value actual, Value threshold, string found, long leavesAt, in Scope scope)
    {
        var timed = clause.Evaluate(scope);
        var outlook = "";
        if (NextChange(clause, timed, scope) is var change and not Timed.Never)
            outlook = $"{(timed.Holds ? "holds until" : "will hold from")} {TextOf(change, scope.Zone)}";
        else if (leavesAt != Timed.Never)
            outlook = $"the oldest leaves the window on {TextOf(leavesAt, scope.Zone)}";
        var note = found.Length > 0 && outlook.Length > 0 ? $"{found}, {outlook}" : found + outlook;
        return new(clause.Text, actual, threshold, timed.Holds, note.Length == 0 ? null : note);
    }

    /// <summary>When a condition comes out otherwise if nothing more happens; never where that is not among the next instants at which it might.</summary>
    private static long NextChange(Expression clause, Timed now, in Scope scope)
    {
        const int MostSteps = 8;
        var until = clause.Type == StaticType.Boolean ? now.Until : Timed.Never;
        for (var step = 0; step < MostSteps && until != Timed.Never; step++)
        {
            var later = clause.Evaluate(scope with { AsOf = until });
            if (later.Holds != now.Holds)
                return until;
            until = later.Until;
        }

        return Timed.Never;
    }

    /// <summary>An instant as the rulebook's zone has it.</summary>
    private static string TextOf(long milliseconds, DateTimeZone zone)
    {
        var local = Instant.FromUnixTimeMilliseconds(milliseconds).InZone(zone).LocalDateTime;
        return (local is { Second: 0, Millisecond: 0 } ? Minutes : Seconds).Format(local);
    }
}
