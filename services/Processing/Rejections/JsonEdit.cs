using System.Text;
using System.Text.Json;
using TaggingPipeline.Processing.Intake;

namespace TaggingPipeline.Processing.Rejections;

/// <summary>Changes single fields of a JSON text and leaves every other byte as it was sent.</summary>
/// <remarks>
/// On the text and not on a document: what was rejected may hold what no document can, such as text that is no Unicode, a name twice, or ten thousand levels, and a number
/// keeps its digits. Of a name that stands twice the last counts, as it does to whoever reads events.
/// </remarks>
internal static class JsonEdit
{
    /// <summary>The value at a path without <c>[*]</c>; null if there is none.</summary>
    public static JsonSlice? Find(ReadOnlySpan<byte> json, FieldPath path) => Find(json, path.Parts.AsSpan())?.Value;

    public static byte[] Replace(ReadOnlySpan<byte> json, JsonSlice value, ReadOnlySpan<byte> by) =>
        [.. json[..value.Start], .. by, .. json[(value.Start + value.Length)..]];

    /// <summary>How many paths one may stand for: each is looked for from the beginning of the text.</summary>
    public const int MostPlaces = 1_000;

    /// <summary>The paths that a path stands for in this text: itself, or one for each item that its <c>[*]</c> names; null if these are too many.</summary>
    public static List<(FieldPath Path, int[] Items)>? Expand(ReadOnlySpan<byte> json, FieldPath path)
    {
        List<(FieldPath Path, int[] Items)> open = [(path, [])];
        while (open.Count > 0 && open[0].Path.HasEach)
        {
            var next = new List<(FieldPath, int[])>();
            foreach (var (each, items) in open)
            {
                var at = each.Parts.IndexOf(new(null, PathPart.Each));
                var count = CountItems(json, Find(json, each.Parts.AsSpan()[..at])?.Value);
                if (next.Count + count > MostPlaces)
                    return null;
                for (var i = 0; i < count; i++)
                    next.Add((each.At([i]), [.. items, i]));
            }

            open = next;
        }

        return open;
    }

    /// <summary>The text without what is at a path; null if there is nothing.</summary>
    public static byte[]? Remove(ReadOnlySpan<byte> json, FieldPath path)
    {
        byte[]? without = null;
        while (Find(without ?? json, path.Parts.AsSpan()) is { } place)
        {
            without = Remove(without ?? json, place);
            if (path.Parts[^1].Name is null)
                break; // the next item has its place now
        }

        return without;
    }

    /// <summary>The text with a value at a path, with the objects that it takes; or null, and why that cannot be.</summary>
    public static (byte[]? Json, string Problem) Set(ReadOnlySpan<byte> json, FieldPath path, ReadOnlySpan<byte> value)
    {
        var parts = path.Parts.AsSpan();
        if (Find(json, parts) is { } there)
            return (Replace(json, there.Value, value), "");
        var known = parts.Length - 1;
        while (Find(json, parts[..known]) is null)
            known--;
        var missing = parts[known..];
        foreach (var part in missing)
        {
            if (part.Name is null)
                return (null, $"there is no `{new FieldPath(path.Parts[..(known + 1)])}`");
        }

        var container = Find(json, parts[..known])!.Value.Value;
        var inner = value.ToArray();
        for (var i = missing.Length - 1; i > 0; i--)
            inner = [.. "{"u8, .. Property(missing[i].Name!, inner), .. "}"u8];
        var property = Property(missing[0].Name!, inner);
        return container.Type switch
        {
            JsonTokenType.StartObject => (Append(json, container, property), ""),
            JsonTokenType.Null when known > 0 => (Replace(json, container, [.. "{"u8, .. property, .. "}"u8]), ""),
            _ => (null, known == 0 ? "it is not an object" : $"`{new FieldPath(path.Parts[..known])}` is not an object"),
        };
    }

    private static Place? Find(ReadOnlySpan<byte> json, ReadOnlySpan<PathPart> parts)
    {
        var place = new Place(JsonSlice.ReadWhole(json), 0);
        foreach (var part in parts)
        {
            if ((part.Name is null ? FindItem(json, place.Value, part.Index) : FindProperty(json, place.Value, Encoding.UTF8.GetBytes(part.Name))) is not { } found)
                return null;
            place = found;
        }

        return place;
    }

    private static Place? FindProperty(ReadOnlySpan<byte> json, JsonSlice within, ReadOnlySpan<byte> name)
    {
        if (within.Type != JsonTokenType.StartObject)
            return null;
        Place? found = null;
        var reader = new Utf8JsonReader(within.In(json), JsonSlice.AnyDepth);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = within.Start + (int)reader.TokenStartIndex;
            var isNamed = RawEvent.IsNamed(ref reader, name);
            reader.Read();
            var value = JsonSlice.Read(ref reader);
            if (isNamed)
                found = new(value with { Start = within.Start + value.Start }, start);
        }

        return found;
    }

    private static Place? FindItem(ReadOnlySpan<byte> json, JsonSlice within, int index)
    {
        if (within.Type != JsonTokenType.StartArray)
            return null;
        var reader = new Utf8JsonReader(within.In(json), JsonSlice.AnyDepth);
        reader.Read();
        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            var value = JsonSlice.Read(ref reader);
            if (i == index)
                return new(value with { Start = within.Start + value.Start }, within.Start + value.Start);
        }

        return null;
    }

    private static int CountItems(ReadOnlySpan<byte> json, JsonSlice? found)
    {
        if (found is not { Type: JsonTokenType.StartArray } within)
            return 0;
        var reader = new Utf8JsonReader(within.In(json), JsonSlice.AnyDepth);
        reader.Read();
        var count = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++)
            JsonSlice.Read(ref reader);
        return count;
    }

    /// <remarks>With the comma after it, or where it is the last with the one before it.</remarks>
    private static byte[] Remove(ReadOnlySpan<byte> json, Place place)
    {
        var start = place.EntryStart;
        var end = place.Value.Start + place.Value.Length;
        var after = json[end..].TrimStart(" \t\r\n"u8);
        var before = json[..start].TrimEnd(" \t\r\n"u8);
        if (after is [(byte)',', ..])
            end = json.Length - after.Length + 1;
        else if (before is [.., (byte)','])
            start = before.Length - 1;
        return [.. json[..start], .. json[end..]];
    }

    private static byte[] Append(ReadOnlySpan<byte> json, JsonSlice container, ReadOnlySpan<byte> property)
    {
        var end = container.Start + container.Length - 1;
        var isEmpty = json[(container.Start + 1)..end].Trim(" \t\r\n"u8).IsEmpty;
        return [.. json[..end], .. isEmpty ? ""u8 : ","u8, .. property, .. json[end..]];
    }

    private static byte[] Property(string name, ReadOnlySpan<byte> value) => [.. JsonSerializer.SerializeToUtf8Bytes(name, Events.ContractsJson.Options), .. ":"u8, .. value];

    /// <param name="EntryStart">Where the property begins, with its name; of an item, the value.</param>
    private readonly record struct Place(JsonSlice Value, int EntryStart);
}
