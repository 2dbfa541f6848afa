using System.Text;
using Microsoft.AspNetCore.Http;
using TaggingPipeline.Ingestion.Access;

namespace TaggingPipeline.Ingestion.Tracking;

/// <summary>What the browser and mobile SDKs ask for before they send anything: which destinations there are, and where they are.</summary>
internal static class SettingsDocument
{
    /// <remarks>
    /// There is one destination, under the name that the SDKs know, at the address by which the client came; without the address the
    /// browser SDK would send to Segment. A sample rate of 0 keeps SDKs from reporting on themselves.
    /// </remarks>
    public static Task AnswerAsync(HttpContext context, string writeKey, AccessKeys access)
    {
        CrossOrigin.Allow(context.Response);
        if (access.Write.Find(Encoding.UTF8.GetBytes(writeKey)) is null)
            return TrackingAnswer.RefuseAsync(context, StatusCodes.Status401Unauthorized, "the write key is unknown");
        return TrackingAnswer.WriteAsync(context.Response, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartObject("integrations");
            writer.WriteStartObject("Segment.io");
            writer.WriteString("apiKey", writeKey);
            writer.WriteString("apiHost", $"{context.Request.Host}/v1");
            writer.WriteString("protocol", context.Request.Scheme);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteStartObject("plan");
            writer.WriteStartObject("track");
            writer.WriteStartObject("__default");
            writer.WriteBoolean("enabled", true);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteStartObject("metrics");
            writer.WriteNumber("sampleRate", 0);
            writer.WriteEndObject();
            writer.WriteStartObject("edgeFunction");
            writer.WriteEndObject();
        });
    }
}
