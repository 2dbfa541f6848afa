using System.Globalization;
using NodaTime;
using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Projection.Queries;

/// <summary>A place among the changes of a segment: behind that of an instant, a number and a customer.</summary>
internal static class CrossingCursor
{
    public static string Write(Crossing crossing) =>
        string.Create(CultureInfo.InvariantCulture, $"{crossing.At.ToUnixTimeMilliseconds()}.{crossing.Number}.{crossing.Customer}");

    /// <returns>False if the text is no cursor. No text is a cursor before the first change, read as null.</returns>
    public static bool TryRead(string? text, out Crossing? cursor)
    {
        cursor = null;
        if (text is null)
            return true;
        if (text.Split('.', 3) is not [var at, var number, { Length: > 0 } customer]
            || !long.TryParse(at, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds)
            || milliseconds < Instant.MinValue.ToUnixTimeMilliseconds() || milliseconds > Instant.MaxValue.ToUnixTimeMilliseconds()
            || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
            return false;
        cursor = new(customer, HasEntered: false, Instant.FromUnixTimeMilliseconds(milliseconds), sequence);
        return true;
    }
}
