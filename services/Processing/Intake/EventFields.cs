using System.Text.Json;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Processing.Intake;

/// <summary>Reads the fields of an event, and keeps the first thing found wrong with them.</summary>
/// <param name="source">A JSON object that <see cref="RawEvent.Reject"/> has passed.</param>
/// <remarks>A field that is null counts as absent, and so does an empty text.</remarks>
internal sealed class EventFields(JsonElement source)
{
    public Rejection? Fault { get; private set; }

    public string? Text(string name)
    {
        if (Find(name, JsonValueKind.String, "a text") is not { } value)
            return null;
        var text = value.GetString();
        return string.IsNullOrEmpty(text) ? null : text;
    }

    /// <summary>A text that names a person or group.</summary>
    public string? Id(string name)
    {
        var id = Text(name);
        if (id?.Length > EventCheck.MaxCustomerIdLength)
            Fail("bad-id", $"{name}: must have at most {EventCheck.MaxCustomerIdLength} characters");
        return id;
    }

    public string? Required(string? value, string name)
    {
        if (value is null)
            Fail("missing-field", $"{name}: must be given");
        return value;
    }

    public JsonElement? Object(string name) => Find(name, JsonValueKind.Object, "an object");

    /// <summary>An instant in UTC, in whole milliseconds, within the years that events may have.</summary>
    public DateTimeOffset? Instant(string name)
    {
        if (Find(name, JsonValueKind.String, "a text") is not { } value)
            return null;
        if (ReadInstant(name, value.GetString()!, out var instant) is not { } rejection)
            return instant;
        Fault ??= rejection;
        return null;
    }

    public static Rejection? ReadInstant(string name, string text, out DateTimeOffset instant)
    {
        if (!IsoInstant.TryParse(text, out instant))
            return new("bad-timestamp", $"{name}: must be an ISO 8601 instant, such as 2026-03-01T12:30:00.000Z");
        return instant < EventCheck.Earliest || instant >= EventCheck.Latest
            ? new("bad-timestamp", $"{name}: lies outside the years 1900 to 2199")
            : null;
    }

    public void Fail(string code, string reason) => Fault ??= new(code, reason);

    private JsonElement? Find(string name, JsonValueKind kind, string expected)
    {
        if (!source.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind == kind)
            return value;
        Fail("wrong-type", $"{name}: must be {expected}");
        return null;
    }
}
