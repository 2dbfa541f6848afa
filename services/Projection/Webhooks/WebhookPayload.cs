using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Subscriptions;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>Writes changes as a subscriber asks for them.</summary>
internal static class WebhookPayload
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = ContractsJson.Options.Encoder };

    /// <param name="entries">More than one only if the terms ask for batches.</param>
    /// <param name="traits">Of each customer; a customer may be missing.</param>
    public static WebhookMessage Write(WebhookTerms terms, IReadOnlyList<FeedEntry> entries, IReadOnlyDictionary<string, PropertyBag> traits)
    {
        var isBatch = terms.BatchSize > 1;
        var items = entries.Select(entry => Item(terms, entry, Asked(terms, traits.GetValueOrDefault(entry.Customer))));
        var (type, body) = (terms.Shape, isBatch) switch
        {
            (PayloadShape.CloudEvents, false) => ("application/cloudevents+json", items.Single()),
            (PayloadShape.CloudEvents, true) => ("application/cloudevents-batch+json", Array(items)),
            (_, false) => ("application/json", items.Single()),
            (_, true) => ("application/json", (byte[])[.. "{\"batch\":"u8, .. Array(items), .. "}"u8]),
        };
        return new(MessageIds.Of(entries.Select(entry => entry.Id)), type, body);
    }

    /// <summary>What a person sends to see whether deliveries arrive. It tells of no change.</summary>
    public static WebhookMessage Test(WebhookTerms terms, string id, DateTimeOffset now)
    {
        var time = now.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        JsonObject item = terms.Shape == PayloadShape.CloudEvents
            ? new()
            {
                ["specversion"] = "1.0", ["id"] = id, ["source"] = "/tagging", ["type"] = "tagging.test", ["subject"] = "test", ["time"] = time,
                ["datacontenttype"] = "application/json", ["data"] = new JsonObject { ["text"] = "A test of this subscription." },
            }
            : new() { ["type"] = "track", ["event"] = "Test", ["userId"] = "test", ["messageId"] = id, ["timestamp"] = time, ["properties"] = new JsonObject() };
        JsonNode body = (terms.Shape, terms.BatchSize > 1) switch
        {
            (_, false) => item,
            (PayloadShape.CloudEvents, true) => new JsonArray(item),
            (_, true) => new JsonObject { ["batch"] = new JsonArray(item) },
        };
        var type = terms.Shape != PayloadShape.CloudEvents ? "application/json" : terms.BatchSize > 1 ? "application/cloudevents-batch+json" : "application/cloudevents+json";
        return new(id, type, Bytes(body));
    }

    private static byte[] Item(WebhookTerms terms, FeedEntry entry, JsonObject? traits)
    {
        if (terms.Shape == PayloadShape.Segment)
            return Bytes(SegmentCall.Of(JsonNode.Parse(entry.Body.Span)!.AsObject(), traits));
        if (traits is null)
            return entry.Body.ToArray();
        var envelope = JsonNode.Parse(entry.Body.Span)!;
        envelope["data"]!["traits"] = traits;
        return Bytes(envelope);
    }

    /// <summary>The traits that are asked for and known; null if none are asked for.</summary>
    private static JsonObject? Asked(WebhookTerms terms, PropertyBag? known)
    {
        if (terms.Traits.IsEmpty)
            return null;
        var traits = new JsonObject();
        foreach (var name in terms.Traits)
        {
            if (known is not null && ValueJson.ToElement(known[name]) is { } value)
                traits[name] = JsonValue.Create(value);
        }

        return traits;
    }

    private static byte[] Bytes(JsonNode node)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
            node.WriteTo(writer);
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Array(IEnumerable<byte[]> items)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartArray();
            foreach (var item in items)
                writer.WriteRawValue(item, skipInputValidation: true);
            writer.WriteEndArray();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
