using System.Text;
using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Intake;

namespace TaggingPipeline.Processing.Rejections;

/// <summary>Makes of what was kept of an event what can be mended.</summary>
internal static class RejectedPayload
{
    private static readonly FieldPath EventId = PathOf("eventId");
    private static readonly FieldPath MessageId = PathOf("messageId");

    /// <summary>Why nothing of it can be mended; null if it can.</summary>
    public static Rejection? WhyUnreadable(ReadOnlySpan<byte> sent)
    {
        try
        {
            JsonSlice.ReadWhole(sent);
            return null;
        }
        catch (JsonException exception)
        {
            return RejectionRecord.MayBeCut(sent)
                ? new("cut", $"only the first {RejectionRecord.MaxPayloadBytes} bytes of it were kept, which cannot be mended")
                : new("not-json", $"what was sent is not JSON: {exception.Message}");
        }
    }

    /// <summary>How something was sent that an older version set aside, by the fields that it has.</summary>
    public static string GuessSource(ReadOnlySpan<byte> sent)
    {
        if (Has(sent, "customerId"))
            return Has(sent, "receivedAt") ? RejectedSources.Bus : RejectedSources.Import;
        return Has(sent, "batch") && !Has(sent, "type") ? RejectedSources.Batch : RejectedSources.Tracking;
    }

    /// <summary>The event with what its request said of it: the type that its path gives, whatever it says itself, and of its batch what it does not say itself.</summary>
    public static byte[] FillIn(byte[] sent, string? request)
    {
        if (request is null || JsonSlice.ReadWhole(sent).Type != JsonTokenType.StartObject)
            return sent;
        var said = Encoding.UTF8.GetBytes(request);
        var filled = sent;
        foreach (var name in (string[])["type", "context", "integrations", "sentAt"])
        {
            var path = PathOf(name);
            if (JsonEdit.Find(said, path) is { } value && (name == "type" || JsonEdit.Find(filled, path) is null or { Type: JsonTokenType.Null }))
                filled = JsonEdit.Set(filled, path, value.In(said)).Json!;
        }

        return filled;
    }

    /// <summary>The event with an id, if it has none.</summary>
    public static byte[] WithId(byte[] json, string id) => WithId(json, EventId, id);

    /// <summary>A tracked event with an id, if it has none. What is no object cannot have one.</summary>
    public static byte[] WithMessageId(byte[] json, string id) => WithId(json, MessageId, id);

    private static byte[] WithId(byte[] json, FieldPath path, string id)
    {
        var found = JsonEdit.Find(json, path);
        var isThere = found is { } given && given.Type != JsonTokenType.Null && !given.In(json).SequenceEqual("\"\""u8);
        return isThere ? json : JsonEdit.Set(json, path, JsonSerializer.SerializeToUtf8Bytes(id, ContractsJson.Options)).Json ?? json;
    }

    private static bool Has(ReadOnlySpan<byte> json, string name) => JsonEdit.Find(json, PathOf(name)) is not null;

    private static FieldPath PathOf(string name) => new([new(name, 0)]);
}
