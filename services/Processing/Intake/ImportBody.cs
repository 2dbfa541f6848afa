using System.Text.Json;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Processing.Intake;

/// <summary>One event's place in an import's body, or why there is none to read.</summary>
internal readonly record struct ImportItem(JsonSlice Slice, Rejection? Fault);

/// <summary>The events of an import's body, which is a JSON array or has one JSON object a line.</summary>
internal static class ImportBody
{
    public const int MaxBytes = 5 * 1024 * 1024;
    public const int MaxEvents = 5_000;

    /// <summary>The events in order, or why nothing of the body can be used. A line that is not JSON spoils no other.</summary>
    public static Rejection? Read(ReadOnlySpan<byte> body, out List<ImportItem> items)
    {
        items = [];
        var fault = body.TrimStart(" \t\r\n"u8) is [(byte)'[', ..] ? ReadArray(body, items) : ReadLines(body, items);
        return fault ?? (items.Count > MaxEvents ? new("too-many-events", $"the body has more than {MaxEvents} events") : null);
    }

    private static Rejection? ReadArray(ReadOnlySpan<byte> body, List<ImportItem> items)
    {
        try
        {
            var reader = new Utf8JsonReader(body, JsonSlice.AnyDepth);
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                items.Add(new(JsonSlice.Read(ref reader), null));
            reader.Read(); // throws when anything follows
            return null;
        }
        catch (JsonException exception)
        {
            return new("not-json", $"the body is not a JSON array: {exception.Message}");
        }
    }

    private static Rejection? ReadLines(ReadOnlySpan<byte> body, List<ImportItem> items)
    {
        var start = 0;
        while (start < body.Length && items.Count <= MaxEvents)
        {
            var length = body[start..].IndexOf((byte)'\n');
            if (length < 0)
                length = body.Length - start;
            if (!body.Slice(start, length).Trim(" \t\r"u8).IsEmpty)
                items.Add(ReadLine(body, start, length));
            start += length + 1;
        }

        return null;
    }

    private static ImportItem ReadLine(ReadOnlySpan<byte> body, int start, int length)
    {
        try
        {
            var slice = JsonSlice.ReadWhole(body.Slice(start, length));
            return new(slice with { Start = start + slice.Start }, null);
        }
        catch (JsonException exception)
        {
            return new(new(start, length, 0, JsonTokenType.None), new("not-json", $"the line is not JSON: {exception.Message}"));
        }
    }
}
