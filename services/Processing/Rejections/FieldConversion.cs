using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Intake;

namespace TaggingPipeline.Processing.Rejections;

/// <summary>Makes a JSON value one of another type: the same, said as events say it.</summary>
internal static class FieldConversion
{
    public const string Number = "number";
    public const string Text = "text";
    public const string Boolean = "boolean";
    public const string Instant = "instant";

    /// <remarks>The units are named as mapping files of imports name them.</remarks>
    public const string UnixSeconds = "unix-seconds";
    public const string UnixMilliseconds = "unix-milliseconds";

    public static IReadOnlyList<string> Types { get; } = [Number, Text, Boolean, Instant];

    /// <summary>What is wrong with the format of an instant; null if nothing is.</summary>
    public static string? ProblemWith(string format)
    {
        try
        {
            if (format is not (UnixSeconds or UnixMilliseconds))
                _ = OffsetDateTimePattern.CreateWithInvariantCulture(format);
            return null;
        }
        catch (InvalidPatternException invalid)
        {
            return $"`{format}` is neither {UnixSeconds}, {UnixMilliseconds} nor a pattern such as dd/MM/yyyy HH:mm: {invalid.Message}";
        }
    }

    /// <param name="value">A text, a number, true or false, as JSON.</param>
    /// <returns>The value as JSON; null where it cannot be one of that type.</returns>
    public static byte[]? Convert(ReadOnlySpan<byte> value, JsonTokenType found, string type, string? format)
    {
        var text = found switch
        {
            JsonTokenType.String => RawEvent.ReadText(value),
            JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False => System.Text.Encoding.UTF8.GetString(value),
            _ => null,
        };
        var converted = text is null ? null : type switch
        {
            Number => found is JsonTokenType.True or JsonTokenType.False ? null : ToNumber(text, value, found),
            Text => JsonSerializer.Serialize(text, ContractsJson.Options),
            Boolean => ToBoolean(text),
            _ => found is JsonTokenType.True or JsonTokenType.False ? null : ToInstant(text.Trim(), format),
        };
        return converted is null ? null : System.Text.Encoding.UTF8.GetBytes(converted);
    }

    private static string? ToNumber(string text, ReadOnlySpan<byte> value, JsonTokenType found) =>
        found == JsonTokenType.Number ? System.Text.Encoding.UTF8.GetString(value)
        : decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number.ToString(CultureInfo.InvariantCulture)
        : null;

    private static string? ToBoolean(string text) => text.Trim().ToUpperInvariant() switch
    {
        "TRUE" or "YES" or "1" => "true",
        "FALSE" or "NO" or "0" => "false",
        _ => null,
    };

    private static string? ToInstant(string text, string? format)
    {
        DateTimeOffset? instant = format switch
        {
            null => IsoInstant.TryParse(text, out var iso) ? iso : null,
            UnixSeconds => SinceEpoch(text, 1000),
            UnixMilliseconds => SinceEpoch(text, 1),
            // The instant alone: an offset may be more than the framework's may.
            _ => OffsetDateTimePattern.CreateWithInvariantCulture(format).Parse(text).TryGetValue(default, out var read) && read.WithCalendar(CalendarSystem.Iso).Year is > 1 and < 9999 ? read.ToInstant().ToDateTimeOffset() : null,
        };
        return instant is { } found ? $"\"{found.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)}\"" : null;
    }

    private static DateTimeOffset? SinceEpoch(string text, int milliseconds)
    {
        // About the years 0001 to 9999; which of them an event may have is checked with the event.
        const decimal most = 62_135_596_800_000m;
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var count) && Math.Abs(count) <= most / milliseconds
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)decimal.Floor(count * milliseconds))
            : null;
    }
}
