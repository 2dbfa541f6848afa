using System.Numerics;
using NodaTime;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Rules.Measures;

/// <summary>Which events count as of an instant, by their time. All instants are in milliseconds since the Unix epoch.</summary>
/// <remarks>An event enters a window once and leaves it once; of two events the earlier one enters and leaves no later.</remarks>
internal abstract class Window
{
    private const long Parts = 1_000;

    private protected Window()
    {
    }

    /// <summary>An event longer ago than this is in it at no later instant.</summary>
    public abstract long Retention { get; }

    /// <summary>Its length; where units of the calendar differ in theirs, the shortest.</summary>
    public abstract long Length { get; }

    /// <summary>Older events, where they are kept in groups, count in groups of this width less one: the largest power of two that is no more than a thousandth of the length.</summary>
    public long Mask => (1L << BitOperations.Log2((ulong)Math.Max(1, Length / Parts))) - 1;

    /// <summary>Whether an event may enter it after its own instant.</summary>
    public abstract bool EntersLate { get; }

    /// <summary>As of an instant, it holds the events later than the first and earlier than the second.</summary>
    public abstract (long After, long Before) At(long asOf, DateTimeZone zone);

    /// <summary>The first instant as of which it holds an event of that time.</summary>
    public abstract long EntersAt(long time, DateTimeZone zone);

    /// <summary>The first instant after that as of which it does not hold it any more.</summary>
    public abstract long LeavesAt(long time, DateTimeZone zone);
}

/// <summary><c>30d</c>: now − length &lt; time ≤ now; <c>previous 30d</c>: the same, 30 days earlier.</summary>
internal sealed class RollingWindow(long length, long offset) : Window
{
    public override long Retention => length + offset;

    public override long Length => length;

    public override bool EntersLate => offset > 0;

    public override (long After, long Before) At(long asOf, DateTimeZone zone) =>
        (asOf - length - offset, offset == 0 ? long.MaxValue : asOf - offset + 1);

    public override long EntersAt(long time, DateTimeZone zone) => time + offset;

    public override long LeavesAt(long time, DateTimeZone zone) => time + length + offset;
}

/// <summary><c>today</c>, <c>last month</c>, <c>3 calendar days</c>: whole units of the calendar in the rulebook's zone, of the present one only what has passed.</summary>
/// <param name="length">How many units it holds.</param>
/// <param name="offset">How many units before the present one its last unit is.</param>
internal sealed class CalendarWindow(CalendarUnit unit, long length, long offset) : Window
{
    private const long Day = 86_400_000;

    /// <summary>More than any change of clocks, or of a zone's side of the date line, adds to a window.</summary>
    private const long Slack = 3 * Day;

    /// <summary>More than clocks going forward take from a day.</summary>
    private const long ClockChange = Day / 12;

    public override long Retention => ((length + offset) * LongestDays * Day) + Slack;

    public override long Length => length * ((ShortestDays * Day) - ClockChange);

    public override bool EntersLate => offset > 0;

    private long ShortestDays => unit switch
    {
        CalendarUnit.Day => 1,
        CalendarUnit.Week => 7,
        CalendarUnit.Month => 28,
        CalendarUnit.Quarter => 90,
        _ => 365,
    };

    private long LongestDays => unit switch
    {
        CalendarUnit.Day => 1,
        CalendarUnit.Week => 7,
        CalendarUnit.Month => 31,
        CalendarUnit.Quarter => 92,
        _ => 366,
    };

    public override (long After, long Before) At(long asOf, DateTimeZone zone)
    {
        var present = UnitOf(asOf, zone);
        return (StartOf(present - offset - length + 1, zone) - 1, offset == 0 ? long.MaxValue : StartOf(present - offset + 1, zone));
    }

    public override long EntersAt(long time, DateTimeZone zone) => offset == 0 ? time : StartOf(UnitOf(time, zone) + offset, zone);

    public override long LeavesAt(long time, DateTimeZone zone) => StartOf(UnitOf(time, zone) + offset + length, zone);

    /// <summary>The number of the unit in which an instant lies, counted from 1 January 1970, weeks from the Monday before.</summary>
    private long UnitOf(long time, DateTimeZone zone)
    {
        // Where clocks go back over midnight, a date comes twice; here it has begun for good at its first midnight.
        var date = CalendarDays.DateOf(time, zone);
        if (CalendarDays.StartOf(date.PlusDays(1), zone) <= time)
            date = date.PlusDays(1);
        return unit switch
        {
            CalendarUnit.Day => DaysTo(date),
            CalendarUnit.Week => (long)Math.Floor((DaysTo(date) + 3) / 7m), // the epoch's Monday was three days earlier
            CalendarUnit.Month => MonthsTo(date),
            CalendarUnit.Quarter => (long)Math.Floor(MonthsTo(date) / 3m),
            _ => date.Year - 1970,
        };
    }

    private long StartOf(long number, DateTimeZone zone)
    {
        var epoch = new LocalDate(1970, 1, 1);
        return CalendarDays.StartOf(
            unit switch
            {
                CalendarUnit.Day => epoch.PlusDays((int)number),
                CalendarUnit.Week => epoch.PlusDays(((int)number * 7) - 3),
                CalendarUnit.Month => epoch.PlusMonths((int)number),
                CalendarUnit.Quarter => epoch.PlusMonths((int)number * 3),
                _ => epoch.PlusYears((int)number),
            },
            zone);
    }

    private static long DaysTo(LocalDate date) => Period.DaysBetween(new(1970, 1, 1), date);

    private static long MonthsTo(LocalDate date) => ((date.Year - 1970) * 12) + date.Month - 1;
}
