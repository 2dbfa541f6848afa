using System.Text.Json;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Processing.Intake;

/// <summary>An event as it was sent, before it is parsed.</summary>
internal static class RawEvent
{
    public const int MaxBytes = 32 * 1024;

    /// <summary>What keeps it from being parsed, or null. What passes can be read without an exception.</summary>
    public static Rejection? Reject(ReadOnlySpan<byte> json, JsonSlice slice, int maxBytes = MaxBytes)
    {
        if (slice.Type != JsonTokenType.StartObject)
            return new("not-an-object", "an event must be a JSON object");
        if (slice.Length > maxBytes)
            return new("too-large", $"the event has {slice.Length} bytes; at most {maxBytes} are allowed");
        return RejectContent(json, slice);
    }

    /// <summary>What keeps a value from being read, whatever its type and size, or null.</summary>
    public static Rejection? RejectContent(ReadOnlySpan<byte> json, JsonSlice slice)
    {
        if (slice.Depth > EventCheck.MaxDepth)
            return new("too-deep", $"nested {slice.Depth} levels deep; at most {EventCheck.MaxDepth} are allowed");
        return JsonText.FirstFault(json) is { } position
            ? new("bad-text", $"the text is not valid Unicode at byte {position}")
            : null;
    }

    /// <summary>A text of an object that may not be parsed as a whole; null when there is none that can be read.</summary>
    public static string? FindText(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        var reader = new Utf8JsonReader(json, JsonSlice.AnyDepth);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var wanted = IsNamed(ref reader, name);
            reader.Read();
            var value = JsonSlice.Read(ref reader);
            if (wanted)
                return ReadText(value.In(json));
        }

        return null;
    }

    /// <summary>A JSON string's text; null when it is no string or cannot be read.</summary>
    public static string? ReadText(ReadOnlySpan<byte> json)
    {
        if (json is not [(byte)'"', ..] || JsonText.FirstFault(json) is not null)
            return null;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return reader.GetString();
    }

    /// <remarks>Comparing a name with escapes throws where they are no Unicode; such a name is none that is looked for.</remarks>
    public static bool IsNamed(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        (!reader.ValueIsEscaped || JsonText.FirstFault(reader.ValueSpan) is null) && reader.ValueTextEquals(name);
}
