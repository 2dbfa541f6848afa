using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using TaggingPipeline.Contracts;

namespace TaggingPipeline.Processing.Intake;

/// <summary>How something was sent, as far as it cannot be told from itself.</summary>
/// <param name="Source">One of <see cref="RejectedSources"/>.</param>
/// <param name="Type">What the path said that it is; null where it must say so itself.</param>
/// <param name="Request"><see cref="RejectedEvent.Request"/></param>
internal sealed record SentAs(string Source, string? Type, string? Request)
{
    private static readonly JsonWriterOptions AsSent = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static SentAs Import { get; } = new(RejectedSources.Import, null, null);

    /// <summary>The body of a tracking request, which holds one event or, without a type, a batch.</summary>
    public static SentAs Body(string? type) =>
        type is null ? new(RejectedSources.Batch, null, null) : new(RejectedSources.Tracking, type, Write(type, default, null));

    /// <summary>An event of such a body.</summary>
    public static SentAs EventOf(ReadOnlySpan<byte> json, TrackingBody body, string? type)
    {
        var says = type is not null || body.Context is not null || body.Integrations is not null || body.SentAt is not null;
        return new(RejectedSources.Tracking, type, says ? Write(type, json, body) : null);
    }

    private static string Write(string? type, ReadOnlySpan<byte> json, TrackingBody? body)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, AsSent))
        {
            writer.WriteStartObject();
            if (type is not null)
                writer.WriteString("type", type);
            Write(writer, "context", json, body?.Context);
            Write(writer, "integrations", json, body?.Integrations);
            Write(writer, "sentAt", json, body?.SentAt);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <remarks>What is too large for any event is not kept for each of them; it has left a text that none is accepted with, so that its loss is nobody's oversight.</remarks>
    private static void Write(Utf8JsonWriter writer, string name, ReadOnlySpan<byte> json, JsonSlice? found)
    {
        if (found is not { } value)
            return;
        writer.WritePropertyName(name);
        if (value.Length > RawEvent.MaxBytes)
            writer.WriteStringValue($"({value.Length} bytes, not kept)");
        else
            writer.WriteRawValue(value.In(json), skipInputValidation: true);
    }
}
