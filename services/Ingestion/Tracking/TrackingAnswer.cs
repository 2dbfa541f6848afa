using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using TaggingPipeline.Processing.Intake;

namespace TaggingPipeline.Ingestion.Tracking;

/// <summary>Answers in the form that the SDKs of Segment's API expect.</summary>
internal static class TrackingAnswer
{
    private const string Representation = "return=representation";
    private static readonly byte[] Success = """{"success": true}"""u8.ToArray();
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>200: every event is safe, or kept aside. What became of each is told to those who ask by <c>Prefer: return=representation</c>.</summary>
    public static Task AcceptAsync(HttpContext context, IReadOnlyList<EventOutcome> outcomes)
    {
        if (!WantsOutcomes(context.Request))
            return WriteAsync(context.Response, StatusCodes.Status200OK, Success);
        context.Response.Headers["Preference-Applied"] = Representation;
        return WriteAsync(context.Response, StatusCodes.Status200OK, writer =>
        {
            writer.WriteBoolean("success", true);
            writer.WriteStartArray("results");
            foreach (var outcome in outcomes)
                WriteOutcome(writer, outcome);
            writer.WriteEndArray();
        });
    }

    public static Task RefuseAsync(HttpContext context, int status, string message) => WriteAsync(context.Response, status, writer =>
    {
        writer.WriteBoolean("success", false);
        writer.WriteString("message", message);
    });

    /// <summary>429 with when to come again.</summary>
    public static Task TooFastAsync(HttpContext context, TimeSpan wait)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.RetryAfter = seconds;
        context.Response.Headers["X-RateLimit-Reset"] = seconds;
        return RefuseAsync(context, StatusCodes.Status429TooManyRequests, $"too many events a second; try again in {seconds} s");
    }

    /// <summary>503 with when to come again.</summary>
    public static Task UnavailableAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        return RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "the events could not be made safe; send them again");
    }

    /// <summary>A JSON object as the whole answer.</summary>
    public static Task WriteAsync(HttpResponse response, int status, Action<Utf8JsonWriter> writeProperties)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Readable))
        {
            writer.WriteStartObject();
            writeProperties(writer);
            writer.WriteEndObject();
        }

        return WriteAsync(response, status, buffer.WrittenMemory);
    }

    private static Task WriteAsync(HttpResponse response, int status, ReadOnlyMemory<byte> body)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body).AsTask();
    }

    private static void WriteOutcome(Utf8JsonWriter writer, EventOutcome outcome)
    {
        writer.WriteStartObject();
        writer.WriteString("messageId", outcome.EventId);
        writer.WriteString("status", outcome.IsAccepted ? "accepted" : "rejected");
        if (!outcome.IsAccepted)
        {
            writer.WriteString("code", outcome.Rejection.Code);
            writer.WriteString("reason", outcome.Rejection.Reason);
        }

        writer.WriteEndObject();
    }

    private static bool WantsOutcomes(HttpRequest request)
    {
        foreach (var header in request.Headers["Prefer"])
        {
            foreach (var preference in (header ?? "").Split(',', ';'))
            {
                if (preference.Replace(" ", "", StringComparison.Ordinal).Equals(Representation, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }

        return false;
    }
}
