using System.Collections.Immutable;
using System.Text.Json;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Storage.Sqlite.Database;

namespace TaggingPipeline.Storage.Sqlite.Customers;

/// <summary>The parts of a customer document that are kept as JSON.</summary>
/// <remarks>Tag states are arrays, not objects: there is one for every rule in every document, and names would be half of it.</remarks>
internal static class CustomerJson
{
    private static readonly byte[] NoTexts = [.. "[]"u8];

    /// <summary><c>[sequence, [key, category, value, since, keySequence, changesAt], …]</c>; the rulebook is a column.</summary>
    public static byte[] WriteTags(TagSet tags) => JsonColumn.Write(tags, static (writer, tags) =>
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(tags.Sequence);
        foreach (var state in tags.States)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(state.Key);
            writer.WriteStringValue(state.Category);
            ValueJson.WriteTyped(writer, state.Value);
            writer.WriteInstantValue(state.Since);
            writer.WriteNumberValue(state.KeySequence);
            writer.WriteInstantValue(state.ChangesAt);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    });

    /// <remarks>Token by token: it is most of the time that loading a document takes.</remarks>
    public static TagSet ReadTags(byte[] json, string rulebook)
    {
        var reader = new Utf8JsonReader(json);
        reader.Next();
        var sequence = reader.Next().GetInt64();
        var states = ImmutableArray.CreateBuilder<TagState>(32);
        while (reader.Next().TokenType == JsonTokenType.StartArray)
        {
            states.Add(new TagState(
                reader.Next().GetString()!, reader.Next().GetString()!, reader.Next().GetValue(), reader.Next().GetInstant(), reader.Next().GetInt64(),
                reader.Next().GetInstantOrNull()));
            reader.Next();
        }

        return new TagSet(rulebook, sequence, states.DrainToImmutable());
    }

    public static byte[] WriteTexts(ImmutableArray<string> texts) => texts.IsEmpty ? NoTexts : JsonColumn.Write(texts, static (writer, texts) => WriteTexts(writer, texts));

    public static ImmutableArray<string> ReadTexts(byte[] json)
    {
        if (json.AsSpan().SequenceEqual(NoTexts))
            return [];
        using var document = JsonDocument.Parse(json);
        return ReadTexts(document.RootElement);
    }

    /// <summary><c>[[id, instant, body], …]</c>, all of one customer.</summary>
    public static byte[] WriteEvents(ImmutableArray<JournaledEvent> events) => JsonColumn.Write(events, static (writer, events) =>
    {
        writer.WriteStartArray();
        foreach (var each in events)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(each.EventId);
            writer.WriteInstantValue(each.OccurredAt);
            writer.WriteBase64StringValue(each.Body.Span);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    });

    public static ImmutableArray<JournaledEvent> ReadEvents(byte[] json, string customer)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(each => new JournaledEvent(customer, each[0].GetString()!, each[1].GetInstant(), each[2].GetBytesFromBase64()))];
    }

    /// <summary>All of an outbox but its revision, which is a column.</summary>
    public static byte[] WriteOutbox(Outbox outbox) => JsonColumn.Write(outbox, static (writer, outbox) =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("decidedAt", outbox.DecidedAt.ToUnixTimeMilliseconds());
        writer.WriteString("cause", outbox.Cause.ToString());
        WriteRun(writer, outbox.Run);
        if (outbox.IsQuiet)
            writer.WriteBoolean("quiet", true);
        writer.WriteStartArray("changes");
        foreach (var change in outbox.Changes)
            WriteChange(writer, change);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    public static Outbox ReadOutbox(byte[] json, long revision)
    {
        using var document = JsonDocument.Parse(json);
        var outbox = document.RootElement;
        return new Outbox(
            revision,
            outbox.GetProperty("decidedAt").GetInstant(),
            ReadCause(outbox),
            [.. outbox.GetProperty("changes").EnumerateArray().Select(ReadChange)]) { Run = ReadRun(outbox), IsQuiet = outbox.TryGetProperty("quiet", out _) };
    }

    private static void WriteChange(Utf8JsonWriter writer, TagChange change)
    {
        writer.WriteStartObject();
        writer.WriteNumber("sequence", change.Sequence);
        writer.WriteNumber("keySequence", change.KeySequence);
        writer.WriteString("key", change.Key);
        writer.WriteString("category", change.Category);
        writer.WriteValue("previous", change.Previous);
        writer.WriteValue("value", change.Value);
        writer.WriteNumber("at", change.At.ToUnixTimeMilliseconds());
        writer.WriteString("cause", change.Cause.ToString());
        WriteRun(writer, change.Run);
        writer.WriteString("rulebook", change.Rulebook);
        writer.WritePropertyName("changesAt");
        writer.WriteInstantValue(change.ChangesAt);
        writer.WriteStartArray("clauses");
        foreach (var clause in change.Reason.Clauses)
        {
            writer.WriteStartObject();
            writer.WriteString("text", clause.Text);
            writer.WriteValue("actual", clause.Actual);
            writer.WriteValue("threshold", clause.Threshold);
            writer.WriteBoolean("holds", clause.Holds);
            if (clause.Note is not null)
                writer.WriteString("note", clause.Note);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WritePropertyName("events");
        WriteTexts(writer, change.Reason.Events);
        writer.WriteEndObject();
    }

    private static TagChange ReadChange(JsonElement change) => new(
        change.GetProperty("sequence").GetInt64(),
        change.GetProperty("keySequence").GetInt64(),
        change.GetProperty("key").GetString()!,
        change.GetProperty("category").GetString()!,
        ValueJson.ReadTyped(change.GetProperty("previous")),
        ValueJson.ReadTyped(change.GetProperty("value")),
        change.GetProperty("at").GetInstant(),
        ReadCause(change),
        change.GetProperty("rulebook").GetString()!,
        new Reason(
            [.. change.GetProperty("clauses").EnumerateArray().Select(ReadClause)],
            ReadTexts(change.GetProperty("events"))),
        change.GetProperty("changesAt").GetInstantOrNull()) { Run = ReadRun(change) };

    private static Clause ReadClause(JsonElement clause) => new(
        clause.GetProperty("text").GetString()!,
        ValueJson.ReadTyped(clause.GetProperty("actual")),
        ValueJson.ReadTyped(clause.GetProperty("threshold")),
        clause.GetProperty("holds").GetBoolean(),
        clause.TryGetProperty("note", out var note) ? note.GetString() : null);

    /// <summary>Few changes are made by a run.</summary>
    private static void WriteRun(Utf8JsonWriter writer, string? run)
    {
        if (run is not null)
            writer.WriteString("run", run);
    }

    private static string? ReadRun(JsonElement element) => element.TryGetProperty("run", out var run) ? run.GetString() : null;

    private static ChangeCause ReadCause(JsonElement element) => Enum.Parse<ChangeCause>(element.GetProperty("cause").GetString()!);

    private static void WriteTexts(Utf8JsonWriter writer, ImmutableArray<string> texts)
    {
        writer.WriteStartArray();
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    private static ImmutableArray<string> ReadTexts(JsonElement texts) => [.. texts.EnumerateArray().Select(text => text.GetString()!)];
}
