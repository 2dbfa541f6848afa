using System.Buffers;
using System.Text.Json;
using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.CommandLine.Demo;

/// <summary>One event of the simulated shop, as an analytics SDK would send it: about 300 bytes of JSON.</summary>
public sealed record SimulatedEvent
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = ContractsJson.Options.Encoder };

    /// <summary><c>track</c>, <c>page</c> or <c>identify</c>.</summary>
    public required string Type { get; init; }

    public required string MessageId { get; init; }

    public required string UserId { get; init; }

    /// <summary>The tracked event's or the page's name; <c>identify</c> for an identify.</summary>
    public required string Name { get; init; }

    /// <summary>Whole milliseconds.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>Properties, or for an identify the traits.</summary>
    public required PropertyBag Properties { get; init; }

    /// <summary>The event in Segment's form, as <c>POST /v1/track</c> and its like take it.</summary>
    public byte[] ToSegmentJson()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, WriterOptions))
            Write(json);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Events as the body of <c>POST /v1/batch</c>.</summary>
    /// <param name="sentAt">The sender's clock, by which the server corrects the timestamps.</param>
    public static byte[] ToSegmentBatch(IEnumerable<SimulatedEvent> events, DateTimeOffset sentAt)
    {
        var buffer = new ArrayBufferWriter<byte>(1 << 16);
        using (var json = new Utf8JsonWriter(buffer, WriterOptions))
        {
            json.WriteStartObject();
            json.WriteStartArray("batch");
            foreach (var simulated in events)
                simulated.Write(json);
            json.WriteEndArray();
            json.WriteString("sentAt", sentAt.UtcDateTime);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The event as it travels on the bus once it was received.</summary>
    public ShopEvent ToShopEvent(DateTimeOffset receivedAt) => new()
    {
        EventId = MessageId,
        CustomerId = UserId,
        UserId = UserId,
        Kind = Kind,
        Name = Name,
        OccurredAt = Timestamp,
        ReceivedAt = receivedAt,
        Timestamp = Timestamp,
        Properties = ValueJson.ToElement(Value.Of(Properties)),
    };

    /// <summary>The event as rules see it.</summary>
    public CustomerEvent ToCustomerEvent() =>
        CustomerEvent.Create(MessageId, UserId, DomainKind, Name, Instant.FromDateTimeOffset(Timestamp), Properties);

    private EventKind DomainKind => Type switch
    {
        "identify" => EventKind.Profile,
        "page" => EventKind.Browse,
        _ => StandardEvents.KindOfTracked(Name),
    };

    private string Kind => DomainKind switch
    {
        EventKind.Profile => "profile",
        EventKind.Browse => "browse",
        EventKind.Interaction => "interaction",
        _ => "purchase",
    };

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", Type);
        json.WriteString("messageId", MessageId);
        json.WriteString("userId", UserId);
        if (Type == "track")
            json.WriteString("event", Name);
        else if (Type == "page")
            json.WriteString("name", Name);
        json.WriteString("timestamp", Timestamp.UtcDateTime);
        json.WritePropertyName(Type == "identify" ? "traits" : "properties");
        ValueJson.WritePlain(json, Value.Of(Properties));
        json.WriteEndObject();
    }
}
