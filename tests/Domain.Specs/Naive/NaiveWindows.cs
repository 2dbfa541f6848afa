using NodaTime;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Specs.Naive;

/// <summary>The definition of windows, literally.</summary>
public static class NaiveWindows
{
    private static readonly Duration Millisecond = Duration.FromMilliseconds(1);

    /// <summary>The first instant that counts, and the first after it that does not.</summary>
    public static (Instant From, Instant To) Of(Syntax window, Instant asOf, DateTimeZone zone)
    {
        switch (window)
        {
            case DurationSyntax duration:
                return (asOf - Duration.FromMilliseconds(duration.Milliseconds) + Millisecond, asOf + Millisecond);
            case WindowSyntax { Unit: null } previous:
                var (length, offset) = (Duration.FromMilliseconds(previous.Length), Duration.FromMilliseconds(previous.Offset));
                return (asOf - offset - length + Millisecond, asOf - offset + Millisecond);
            default:
                var calendar = (WindowSyntax)window;
                var unit = calendar.Unit!.Value;
                var present = First(asOf.InZone(zone).Date, unit);
                var end = calendar.Offset == 0 ? asOf + Millisecond : zone.AtStartOfDay(Plus(present, unit, 1 - calendar.Offset)).ToInstant();
                return (zone.AtStartOfDay(Plus(present, unit, 1 - calendar.Offset - calendar.Length)).ToInstant(), end);
        }
    }

    /// <summary>The first day of the unit that a date lies in.</summary>
    private static LocalDate First(LocalDate date, CalendarUnit unit) => unit switch
    {
        CalendarUnit.Day => date,
        CalendarUnit.Week => date.DayOfWeek == IsoDayOfWeek.Monday ? date : date.Previous(IsoDayOfWeek.Monday),
        CalendarUnit.Month => new(date.Year, date.Month, 1),
        CalendarUnit.Quarter => new(date.Year, date.Month - ((date.Month - 1) % 3), 1),
        _ => new(date.Year, 1, 1),
    };

    private static LocalDate Plus(LocalDate date, CalendarUnit unit, long count) => unit switch
    {
        CalendarUnit.Day => date.PlusDays((int)count),
        CalendarUnit.Week => date.PlusWeeks((int)count),
        CalendarUnit.Month => date.PlusMonths((int)count),
        CalendarUnit.Quarter => date.PlusMonths((int)count * 3),
        _ => date.PlusYears((int)count),
    };
}
