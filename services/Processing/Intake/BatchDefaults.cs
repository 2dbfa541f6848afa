using System.Text.Json;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Processing.Intake;

/// <summary>What a batch says once for all of its events that don't say it themselves.</summary>
/// <remarks>A default that cannot be used is held against the events that would have it, and no others.</remarks>
internal sealed class BatchDefaults
{
    private readonly Rejection? _contextFault;
    private readonly Rejection? _integrationsFault;
    private readonly Rejection? _sentAtFault;
    private readonly JsonElement? _context;
    private readonly JsonElement? _integrations;
    private readonly DateTimeOffset? _sentAt;

    private BatchDefaults()
    {
    }

    public BatchDefaults(ReadOnlySpan<byte> json, TrackingBody body)
    {
        _context = ReadObject("context", json, body.Context, out _contextFault);
        _integrations = ReadObject("integrations", json, body.Integrations, out _integrationsFault);
        _sentAt = ReadInstant(json, body.SentAt, out _sentAtFault);
    }

    /// <summary>Those of an event that has everything itself.</summary>
    public static BatchDefaults None { get; } = new();

    public JsonElement? Context(EventFields fields) => Own(fields.Object("context"), _context, _contextFault, fields);

    public JsonElement? Integrations(EventFields fields) => Own(fields.Object("integrations"), _integrations, _integrationsFault, fields);

    public DateTimeOffset? SentAt(EventFields fields) => Own(fields.Instant("sentAt"), _sentAt, _sentAtFault, fields);

    private static T? Own<T>(T? own, T? shared, Rejection? fault, EventFields fields)
        where T : struct
    {
        if (own is null && fault is not null)
            fields.Fail(fault.Code, fault.Reason);
        return own ?? shared;
    }

    private static JsonElement? ReadObject(string name, ReadOnlySpan<byte> json, JsonSlice? found, out Rejection? fault)
    {
        fault = null;
        if (found is not { Type: not JsonTokenType.Null } slice)
            return null;
        var value = slice.In(json);
        var rejection = slice.Type == JsonTokenType.StartObject
            ? RawEvent.Reject(value, slice)
            : new("wrong-type", "must be an object");
        if (rejection is null)
            return JsonElement.Parse(value);
        fault = rejection with { Reason = $"{name} of the batch: {rejection.Reason}" };
        return null;
    }

    private static DateTimeOffset? ReadInstant(ReadOnlySpan<byte> json, JsonSlice? found, out Rejection? fault)
    {
        fault = null;
        if (found is not { Type: not JsonTokenType.Null } slice)
            return null;
        if (RawEvent.ReadText(slice.In(json)) is not { } text)
            fault = new("wrong-type", "sentAt of the batch: must be a text");
        else if ((fault = EventFields.ReadInstant("sentAt of the batch", text, out var instant)) is null)
            return instant;
        return null;
    }
}
