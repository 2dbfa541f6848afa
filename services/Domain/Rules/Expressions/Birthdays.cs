using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Rules.Expressions;

/// <summary><c>age(d)</c>: how many birthdays there were since the date d, as of today in the rulebook's zone. Missing before that date.</summary>
internal sealed class Age(string text, Expression operand) : Expression(StaticType.Number, text)
{
    public override Timed Evaluate(in Scope scope)
    {
        var timed = operand.Evaluate(scope);
        if (!Birthdays.TryRead(timed, scope, out var born, out var today))
            return new(Value.Missing, timed.Until);
        if (today < born)
            return new(Value.Missing, Math.Min(timed.Until, CalendarDays.StartOf(born, scope.Zone)));
        var next = Birthdays.Next(born, today.PlusDays(1));
        var age = next.Year - 1 - born.Year;
        return new(Value.Of((decimal)age), Math.Min(timed.Until, CalendarDays.StartOf(next, scope.Zone)), 0, new(1, Birthdays.ShortestYear, timed.Until));
    }

    public override void Touch(in Scope scope, Explanation explanation) => operand.Touch(scope, explanation);
}

/// <summary><c>days_to_birthday(d)</c>: calendar days to the next anniversary of the date d; 0 on the day itself. Before the date, to the date.</summary>
internal sealed class DaysToBirthday(string text, Expression operand) : Expression(StaticType.Number, text)
{
    public override Timed Evaluate(in Scope scope)
    {
        var timed = operand.Evaluate(scope);
        if (!Birthdays.TryRead(timed, scope, out var born, out var today))
            return new(Value.Missing, timed.Until);
        var next = today <= born ? born : Birthdays.Next(born, today);
        var tomorrow = Math.Min(timed.Until, CalendarDays.StartOfNext(scope.AsOf, scope.Zone));
        return new(Value.Of((decimal)Period.DaysBetween(today, next)), tomorrow, 0, DriftTo(next, timed, scope));
    }

    public override void Touch(in Scope scope, Explanation explanation) => operand.Touch(scope, explanation);

    /// <summary>It falls day by day up to the birthday, after which it jumps.</summary>
    private static Drift? DriftTo(LocalDate next, Timed timed, in Scope scope) =>
        new(-1, DayEdge.ShortestDay, Math.Min(timed.Until, CalendarDays.StartOf(next.PlusDays(1), scope.Zone)));
}

/// <summary>Anniversaries of a date. One on 29 February is on 28 February in years without that day.</summary>
internal static class Birthdays
{
    /// <summary>A bound, in milliseconds.</summary>
    public const long ShortestYear = 364L * 86_400_000;

    /// <summary>Reads a date that stands still, and today's.</summary>
    public static bool TryRead(Timed timed, in Scope scope, out LocalDate born, out LocalDate today)
    {
        today = CalendarDays.DateOf(scope.AsOf, scope.Zone);
        born = default;
        if (timed.Slope != 0 || !Ordering.TryAs(timed.Value, ValueKind.Date, scope.Zone, out var date))
            return false;
        born = date.AsDate;
        return born.Year is > 0 and < 9_000; // far from where calendar dates end
    }

    /// <summary>The first anniversary on or after a day.</summary>
    public static LocalDate Next(LocalDate born, LocalDate day)
    {
        var years = day.Year - born.Year;
        var inThatYear = born.PlusYears(years);
        return inThatYear >= day ? inThatYear : born.PlusYears(years + 1);
    }
}
