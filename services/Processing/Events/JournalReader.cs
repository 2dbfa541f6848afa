using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Processing.Events;

/// <summary>Reads recorded events straight into the form that rules see: a replay reads millions.</summary>
/// <remarks>Gives what <see cref="EventMapping.ToDomain"/> gives of <see cref="EventMapping.FromJournal"/>, which it leaves everything to that the journal does not write so itself.</remarks>
public static class JournalReader
{
    /// <summary>How often an id, kind or name is met again; one process sees few different ones.</summary>
    private static readonly KnownTexts Names = new();

    /// <summary>Of the objects that this thread is in the middle of, one within another: what was read of them so far.</summary>
    [ThreadStatic]
    private static List<KeyValuePair<string, Value>>? _items;

    public static CustomerEvent ToDomain(JournaledEvent journaled) =>
        TryRead(journaled) ?? EventMapping.ToDomain(EventMapping.FromJournal(journaled));

    /// <summary>When the event arrived, without the rest of it; null where it does not say.</summary>
    public static Instant? ReceivedAt(JournaledEvent journaled)
    {
        var reader = new Utf8JsonReader(journaled.Body.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isReceived = reader.ValueTextEquals("receivedAt"u8);
            reader.Read();
            if (isReceived)
                return Instant.FromDateTimeOffset(reader.GetDateTimeOffset());
            reader.Skip();
        }

        return null;
    }

    private static CustomerEvent? TryRead(JournaledEvent journaled)
    {
        _items?.Clear(); // what an unreadable event may have left there
        var reader = new Utf8JsonReader(journaled.Body.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return null;
        string? kind = null, name = null;
        var properties = PropertyBag.Empty;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("kind"u8))
                kind = Text(ref reader);
            else if (reader.ValueTextEquals("name"u8))
                name = Text(ref reader);
            else if (reader.ValueTextEquals("properties"u8))
            {
                // What the pipeline itself journals is written with types.
                if (kind is null or AssignmentEvents.Kind)
                    return null;
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                    properties = Bag(ref reader);
                else
                    reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return kind is null || name is null ? null : new()
        {
            Id = journaled.EventId,
            Customer = journaled.Customer,
            Kind = EventMapping.KindOf(kind, name),
            Name = name,
            OccurredAt = journaled.OccurredAt,
            Properties = properties,
        };
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? Names.Of(ref reader) : null;
    }

    private static PropertyBag Bag(ref Utf8JsonReader reader)
    {
        var items = _items ??= new(64);
        var first = items.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Names.Of(ref reader);
            reader.Read();
            items.Add(new(name, ValueOf(ref reader)));
        }

        var bag = PropertyBag.Of(CollectionsMarshal.AsSpan(items)[first..]);
        items.RemoveRange(first, items.Count - first);
        return bag;
    }

    private static Value ValueOf(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.True: return Value.True;
            case JsonTokenType.False: return Value.False;
            case JsonTokenType.Number: return Value.Of(reader.GetDecimal());
            case JsonTokenType.String: return Value.Of(reader.GetString()!);
            case JsonTokenType.StartObject: return Value.Of(Bag(ref reader));
            case JsonTokenType.StartArray:
                var items = ImmutableArray.CreateBuilder<Value>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    items.Add(ValueOf(ref reader));
                return Value.Of(items.DrainToImmutable());
            default: return Value.Missing;
        }
    }
}
