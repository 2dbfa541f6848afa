using NodaTime;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Populations;

/// <summary>How often the population is looked at anew: at the multiples of a duration.</summary>
/// <remarks>
/// Multiples of whole days (of 24 hours) count calendar days from 1 January 1970 and fall on the first instant of a day in the rulebook's zone, whatever the clocks
/// do; of anything else they count from the Unix epoch.
/// </remarks>
public readonly record struct RefreshCadence
{
    /// <summary>The shortest, in milliseconds.</summary>
    public const long Shortest = 60_000;

    private const long Day = 86_400_000;

    private readonly DateTimeZone _zone;

    internal RefreshCadence(long milliseconds, DateTimeZone zone) => (Milliseconds, _zone) = (milliseconds, zone);

    /// <summary>Once a day, where a rulebook says nothing else.</summary>
    internal static long Usual => Day;

    /// <summary>The duration.</summary>
    public long Milliseconds { get; }

    /// <summary>The latest instant, not after the one given, at which the population was to be looked at.</summary>
    public Instant LatestAt(Instant instant) => At(CountAt(instant));

    /// <summary>The first such instant after the one given.</summary>
    public Instant NextAfter(Instant instant) => At(CountAt(instant) + 1);

    private static LocalDate FirstDay => new(1970, 1, 1);

    private bool IsInDays => Milliseconds % Day == 0;

    /// <summary>Which multiple it is that was last reached.</summary>
    private long CountAt(Instant instant)
    {
        var milliseconds = instant.ToUnixTimeMilliseconds();
        return IsInDays
            ? FloorOf(Period.DaysBetween(FirstDay, CalendarDays.DateOf(milliseconds, _zone)), Milliseconds / Day)
            : FloorOf(milliseconds, Milliseconds);
    }

    private Instant At(long count) => Instant.FromUnixTimeMilliseconds(
        IsInDays ? CalendarDays.StartOf(FirstDay.PlusDays((int)(count * (Milliseconds / Day))), _zone) : count * Milliseconds);

    private static long FloorOf(long dividend, long divisor) => (dividend - (((dividend % divisor) + divisor) % divisor)) / divisor;
}
