using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Rules.Expressions;

/// <summary><c>since(x)</c>: how long ago the instant x was; below zero for one to come.</summary>
internal sealed class Since(string text, Expression operand) : Expression(StaticType.Duration, text)
{
    public override bool IsContinuous => true;

    public override Timed Evaluate(in Scope scope)
    {
        var timed = operand.Evaluate(scope);
        return Ordering.TryAs(timed.Value, ValueKind.Instant, scope.Zone, out var instant)
            ? new(Value.DurationOf(scope.AsOf - instant.Milliseconds), timed.Until, 1 - timed.Slope)
            : new(Value.Missing, timed.Until);
    }

    public override void Touch(in Scope scope, Explanation explanation) => operand.Touch(scope, explanation);
}

/// <summary><c>days(d)</c>, <c>hours(d)</c>: whole units in a duration, rounded down.</summary>
internal sealed class WholeUnits(string text, Expression operand, long unit) : Expression(StaticType.Number, text)
{
    public override Timed Evaluate(in Scope scope)
    {
        var timed = operand.Evaluate(scope);
        if (timed.Value.Kind != ValueKind.Duration)
            return new(Value.Missing, timed.Until);
        var length = timed.Value.Milliseconds;
        var whole = (long)Math.Floor((decimal)length / unit);
        var next = timed.Slope switch
        {
            0 => Timed.Never,
            > 0 => scope.AsOf + Ceiling(((whole + 1) * unit) - length, timed.Slope),
            _ => scope.AsOf + Ceiling(length - (whole * unit) + 1, -timed.Slope),
        };
        var drift = timed.Slope == 0 ? null : new Drift(Math.Sign(timed.Slope), unit / Math.Abs(timed.Slope), timed.Until);
        return new(Value.Of(whole), Math.Min(timed.Until, next), 0, drift);
    }

    public override void Touch(in Scope scope, Explanation explanation) => operand.Touch(scope, explanation);

    private static long Ceiling(long distance, long speed) => (distance + speed - 1) / speed;
}

/// <summary><c>days_between(a, b)</c>: calendar days from a's date to b's in the rulebook's zone.</summary>
internal sealed class DaysBetween(string text, Expression from, Expression to) : Expression(StaticType.Number, text)
{
    public override Timed Evaluate(in Scope scope)
    {
        var (start, end) = (from.Evaluate(scope), to.Evaluate(scope));
        var (first, firstUntil) = DateOf(start, scope);
        var (last, lastUntil) = DateOf(end, scope);
        var until = Math.Min(firstUntil, lastUntil);
        if (first is not { } a || last is not { } b)
            return Timed.Without(start, end);
        return new(Value.Of(Period.DaysBetween(a, b)), until, 0, DriftOf(start, end));
    }

    public override void Touch(in Scope scope, Explanation explanation)
    {
        from.Touch(scope, explanation);
        to.Touch(scope, explanation);
    }

    /// <summary>Days pass one by one, where one end stands still and the other moves on with the clock.</summary>
    private static Drift? DriftOf(Timed start, Timed end)
    {
        if (start.Slope == 0 == (end.Slope == 0) || start.Drift is not null || end.Drift is not null)
            return null;
        var slope = end.Slope - start.Slope;
        return new(Math.Sign(slope), DayEdge.ShortestDay / Math.Abs(slope), Math.Min(start.Until, end.Until));
    }

    private static (LocalDate? Date, long Until) DateOf(Timed timed, in Scope scope) =>
        Ordering.TryAs(timed.Value, ValueKind.Date, scope.Zone, out var date) ? (date.AsDate, DayEdge.UntilDateChanges(timed, scope)) : (null, timed.Until);
}

/// <summary><c>start_of_day(x)</c>, <c>end_of_day(x)</c>: the first and the last millisecond of x's calendar day in the rulebook's zone.</summary>
internal sealed class DayEdge(string text, Expression operand, bool end) : Expression(StaticType.Instant, text)
{
    /// <summary>A bound, in milliseconds, that allows for any change of clocks, and for a zone that left a date out, which makes one step of two days.</summary>
    public const long ShortestDay = 10 * 3_600_000;

    private const long LongestDay = 60 * 3_600_000;

    public override Timed Evaluate(in Scope scope)
    {
        var timed = operand.Evaluate(scope);
        if (!Ordering.TryAs(timed.Value, ValueKind.Date, scope.Zone, out var date))
            return new(Value.Missing, timed.Until);
        var edge = end
            ? CalendarDays.StartOf(date.AsDate.PlusDays(1), scope.Zone) - 1
            : CalendarDays.StartOf(date.AsDate, scope.Zone);
        var drift = timed.Slope == 0 ? null : new Drift(Math.Sign(timed.Slope) * LongestDay, ShortestDay / Math.Abs(timed.Slope), timed.Until);
        return new(Value.InstantAt(edge), UntilDateChanges(timed, scope), 0, drift);
    }

    public override void Touch(in Scope scope, Explanation explanation) => operand.Touch(scope, explanation);

    /// <summary>When an instant that moves on reaches another date.</summary>
    public static long UntilDateChanges(Timed timed, in Scope scope)
    {
        if (timed.Slope == 0 || timed.Value.Kind != ValueKind.Instant)
            return timed.Until;
        var instant = timed.Value.Milliseconds;
        var distance = timed.Slope > 0
            ? CalendarDays.StartOfNext(instant, scope.Zone) - instant
            : instant - CalendarDays.StartOf(CalendarDays.DateOf(instant, scope.Zone), scope.Zone) + 1;
        var speed = Math.Abs(timed.Slope);
        return Math.Min(timed.Until, scope.AsOf + ((distance + speed - 1) / speed));
    }
}
