using NodaTime;
using NodaTime.Text;

namespace TaggingPipeline.Projection.Queries;

/// <summary>Instants and dates as requests give them. What is left out is read as null.</summary>
internal static class QueryTimes
{
    private const int FirstYear = 1900;

    /// <summary>RFC 3339, in the years 2 to 9998: whatever the offset, that is an instant which answers can tell.</summary>
    public static bool TryReadInstant(string? text, out Instant? instant)
    {
        instant = null;
        if (text is null)
            return true;
        var isRead = OffsetDateTimePattern.Rfc3339.Parse(text).TryGetValue(default, out var read) && read.Year is > 1 and < 9999;
        instant = isRead ? read.ToInstant() : null;
        return isRead;
    }

    /// <summary>A year, from 1900 on, a month and a day.</summary>
    public static bool TryReadDate(string? text, out LocalDate? date)
    {
        date = null;
        if (text is null)
            return true;
        var isRead = LocalDatePattern.Iso.Parse(text).TryGetValue(default, out var read) && read.Year >= FirstYear;
        date = isRead ? read : null;
        return isRead;
    }
}

/// <summary>Marks a route that reads the state at an earlier instant when asked to by <c>at</c>.</summary>
internal sealed class ReadsThePast;
