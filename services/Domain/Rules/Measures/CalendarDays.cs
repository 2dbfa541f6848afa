using NodaTime;

namespace TaggingPipeline.Domain.Rules.Measures;

/// <summary>Calendar days of a time zone, over instants in milliseconds since the Unix epoch.</summary>
internal static class CalendarDays
{
    public static LocalDate DateOf(long milliseconds, DateTimeZone zone) => Instant.FromUnixTimeMilliseconds(milliseconds).InZone(zone).Date;

    /// <summary>The first millisecond of a date: not always midnight, where clocks are put forward at midnight. A date that the zone left out starts where the next one does.</summary>
    public static long StartOf(LocalDate date, DateTimeZone zone)
    {
        var midnight = zone.MapLocal(date.AtMidnight());
        return (midnight.Count == 0 ? midnight.LateInterval.Start : midnight.First().ToInstant()).ToUnixTimeMilliseconds();
    }

    /// <summary>The first millisecond of the date after the one on which an instant falls.</summary>
    public static long StartOfNext(long milliseconds, DateTimeZone zone) => StartOf(DateOf(milliseconds, zone).PlusDays(1), zone);
}
