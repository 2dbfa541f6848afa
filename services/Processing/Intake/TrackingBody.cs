using System.Text.Json;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Processing.Intake;

/// <summary>What a tracking request's body holds and where, found in one pass that no nesting and no broken text can stop.</summary>
internal sealed class TrackingBody
{
    public const int MaxBytes = 500 * 1024;
    public const int MaxEvents = 2_500;

    private readonly List<JsonSlice> _events = [];
    private bool _hasBatch;

    private TrackingBody()
    {
    }

    /// <summary>Why nothing in it can be used, or null.</summary>
    public Rejection? Fault { get; private set; }

    public string? WriteKey { get; private set; }

    public IReadOnlyList<JsonSlice> Events => _events;

    /// <summary>What applies to a batch's events that lack their own.</summary>
    public JsonSlice? Context { get; private set; }

    public JsonSlice? Integrations { get; private set; }

    public JsonSlice? SentAt { get; private set; }

    /// <param name="isBatch">The events are listed under <c>batch</c>; otherwise the body is the event.</param>
    public static TrackingBody Read(ReadOnlySpan<byte> json, bool isBatch)
    {
        var body = new TrackingBody();
        try
        {
            body.Scan(json, isBatch);
        }
        catch (JsonException exception)
        {
            body.Fault = new("not-json", $"the body is not JSON: {exception.Message}");
        }

        return body;
    }

    private void Scan(ReadOnlySpan<byte> json, bool isBatch)
    {
        var reader = new Utf8JsonReader(json, JsonSlice.AnyDepth);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            JsonSlice.ReadWhole(json);
            Fault = new("not-an-object", "the body must be a JSON object");
            return;
        }

        var start = (int)reader.TokenStartIndex;
        var depth = 1;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            depth = Math.Max(depth, 1 + ScanProperty(ref reader, json, isBatch));
        var whole = new JsonSlice(start, (int)reader.BytesConsumed - start, depth, JsonTokenType.StartObject);
        reader.Read(); // throws when anything follows

        if (!isBatch)
            _events.Add(whole);
        else if (!_hasBatch)
            Fault = new("no-batch", "batch: must be an array");
        else if (_events.Count > MaxEvents)
            Fault = new("too-many-events", $"batch: has {_events.Count} events; at most {MaxEvents} are allowed");
    }

    /// <summary>Reads a property of the body, and returns how deep its value nests.</summary>
    private int ScanProperty(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, bool isBatch)
    {
        var isWriteKey = RawEvent.IsNamed(ref reader, "writeKey"u8);
        var isEvents = isBatch && RawEvent.IsNamed(ref reader, "batch"u8);
        var isContext = isBatch && RawEvent.IsNamed(ref reader, "context"u8);
        var isIntegrations = isBatch && RawEvent.IsNamed(ref reader, "integrations"u8);
        var isSentAt = isBatch && RawEvent.IsNamed(ref reader, "sentAt"u8);
        reader.Read();
        if (isEvents)
            _events.Clear();
        if (isEvents && reader.TokenType == JsonTokenType.StartArray)
        {
            _hasBatch = true;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                _events.Add(JsonSlice.Read(ref reader));
            return 0;
        }

        var value = JsonSlice.Read(ref reader);
        if (isWriteKey)
            WriteKey = RawEvent.ReadText(value.In(json));
        if (isEvents)
            _hasBatch = false;
        if (isContext)
            Context = value;
        if (isIntegrations)
            Integrations = value;
        if (isSentAt)
            SentAt = value;
        return value.Depth;
    }
}
