using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Processing.Rejections;

/// <summary>What is wrong with steps.</summary>
/// <param name="Field">Where: <c>steps[1].to</c>.</param>
public sealed record MendingMistake(string Field, string What);

/// <summary>Reads and writes the steps by which rejected events are mended.</summary>
/// <remarks>
/// A step is an object with the field that it is about under the name of what is done: <c>{"set": PATH, "value": JSON}</c>, <c>{"rename": PATH, "to": PATH}</c>,
/// <c>{"convert": PATH, "to": TYPE, "format": FORMAT}</c>, <c>{"drop": PATH}</c>.
/// </remarks>
public static class MendingSteps
{
    public const int Most = 50;

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The steps of a list; none where there is no list.</summary>
    /// <returns>The first mistake, or null.</returns>
    public static MendingMistake? Read(JsonElement? list, out ImmutableArray<MendingStep> steps)
    {
        steps = [];
        if (list is not { ValueKind: not JsonValueKind.Null } given)
            return null;
        if (given.ValueKind != JsonValueKind.Array)
            return new("steps", "expected a list");
        if (given.GetArrayLength() > Most)
            return new("steps", $"at most {Most} can be given");
        var read = ImmutableArray.CreateBuilder<MendingStep>();
        foreach (var item in given.EnumerateArray())
        {
            if (ReadStep(item, $"steps[{read.Count}]", out var step) is { } mistake)
                return mistake;
            read.Add(step!);
        }

        steps = read.ToImmutable();
        return null;
    }

    /// <summary>The list that <see cref="Read"/> reads; null for no steps.</summary>
    public static string? Write(ImmutableArray<MendingStep> steps)
    {
        if (steps.IsEmpty)
            return null;
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Readable))
        {
            writer.WriteStartArray();
            foreach (var step in steps)
            {
                writer.WriteStartObject();
                step.WriteTo(writer);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static MendingMistake? ReadStep(JsonElement item, string place, out MendingStep? step)
    {
        step = null;
        if (item.ValueKind != JsonValueKind.Object)
            return new(place, """expected an object such as {"drop": "properties.debug"}""");
        string[] verbs = ["set", "rename", "convert", "drop"];
        var named = verbs.Where(verb => item.TryGetProperty(verb, out _)).ToArray();
        if (named.Length != 1)
            return new(place, $"expected one of {string.Join(", ", verbs)}, and found {(named.Length == 0 ? "none" : string.Join(" and ", named))}");
        var verb = named[0];
        string[] others = verb switch { "set" => ["value"], "rename" => ["to"], "convert" => ["to", "format"], _ => [] };
        foreach (var field in item.EnumerateObject())
        {
            if (field.Name != verb && !others.Contains(field.Name))
                return new($"{place}.{field.Name}", "there is no such field");
        }

        if (ReadPath(item, verb, place, out var path) is { } mistake)
            return mistake;
        switch (verb)
        {
            case "set":
                return ReadSet(item, place, path!, out step);
            case "rename":
                return ReadRename(item, place, path!, out step);
            case "convert":
                return ReadConvert(item, place, path!, out step);
            default:
                step = new MendingStep.Drop(path!);
                return null;
        }
    }

    private static MendingMistake? ReadSet(JsonElement item, string place, FieldPath path, out MendingStep? step)
    {
        step = null;
        if (!item.TryGetProperty("value", out var value))
            return new($"{place}.value", "must be given; to take a field away, `drop` it");
        var json = value.GetRawText();
        if (JsonText.FirstFault(Encoding.UTF8.GetBytes(json)) is not null)
            return new($"{place}.value", "the text is not valid Unicode");
        step = new MendingStep.Set(path, json);
        return null;
    }

    private static MendingMistake? ReadRename(JsonElement item, string place, FieldPath path, out MendingStep? step)
    {
        step = null;
        if (ReadPath(item, "to", place, out var to) is { } mistake)
            return mistake;
        if (path.Holds(to!))
            return new($"{place}.to", $"`{to}` is `{path}` itself, or lies in it");
        if (path.Parts.Count(IsEach) != to!.Parts.Count(IsEach))
            return new($"{place}.to", "must have as many [*] as the path that is renamed");
        step = new MendingStep.Rename(path, to);
        return null;
    }

    private static MendingMistake? ReadConvert(JsonElement item, string place, FieldPath path, out MendingStep? step)
    {
        step = null;
        var type = TextOf(item, "to");
        if (type is null || !FieldConversion.Types.Contains(type))
            return new($"{place}.to", $"expected one of {string.Join(", ", FieldConversion.Types)}");
        string? format = null;
        if (item.TryGetProperty("format", out var given) && given.ValueKind != JsonValueKind.Null)
        {
            if (type != FieldConversion.Instant)
                return new($"{place}.format", "only an instant has a format");
            format = TextOf(item, "format");
            if (string.IsNullOrEmpty(format))
                return new($"{place}.format", "expected a text");
            if (FieldConversion.ProblemWith(format) is { } problem)
                return new($"{place}.format", problem);
        }

        step = new MendingStep.Convert(path, type, format);
        return null;
    }

    private static MendingMistake? ReadPath(JsonElement item, string name, string place, out FieldPath? path)
    {
        path = null;
        if (TextOf(item, name) is not { } text)
            return new($"{place}.{name}", "expected a path such as properties.price");
        return FieldPath.TryParse(text, out path, out var problem) ? null : new($"{place}.{name}", problem);
    }

    private static bool IsEach(PathPart part) => part is { Name: null, Index: PathPart.Each };

    /// <remarks>Text that is no Unicode cannot be read, and is none of those that are looked for.</remarks>
    private static string? TextOf(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && JsonText.FirstFault(Encoding.UTF8.GetBytes(value.GetRawText())) is null
            ? value.GetString() : null;
}
