using System.Text.Json.Nodes;
using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>A change as a call of Segment's tracking API.</summary>
/// <remarks>
/// A segment as Segment tells of audiences: track <c>Audience Entered</c> or <c>Audience Exited</c>. A tag, which may have any value, as a trait: identify, with null for
/// a tag that is no longer held.
/// </remarks>
internal static class SegmentCall
{
    /// <param name="envelope">A <c>ChangeEnvelope</c> of the contracts.</param>
    /// <param name="traits">What the subscriber asked for besides; null for nothing.</param>
    public static JsonObject Of(JsonObject envelope, JsonObject? traits)
    {
        var data = envelope["data"]!.AsObject();
        var key = (string)data["key"]!;
        var isSegment = ((string)envelope["type"]!).StartsWith(ChangeFilter.SegmentPrefix, StringComparison.Ordinal);
        var isMember = (string)envelope["type"]! == "segment.entered";
        var call = new JsonObject
        {
            ["type"] = isSegment ? "track" : "identify",
            ["userId"] = envelope["subject"]!.DeepClone(),
            ["messageId"] = envelope["id"]!.DeepClone(),
            ["timestamp"] = envelope["time"]!.DeepClone(),
        };
        if (isSegment)
        {
            call["event"] = isMember ? "Audience Entered" : "Audience Exited";
            call["properties"] = new JsonObject { ["audience_key"] = key, [key] = isMember };
        }
        else
        {
            call["traits"] = new JsonObject { [key] = data["value"]?.DeepClone() };
        }

        var context = new JsonObject
        {
            ["tagging"] = new JsonObject
            {
                ["sequence"] = envelope["sequence"]!.DeepClone(), ["keysequence"] = envelope["keysequence"]!.DeepClone(), ["cause"] = envelope["cause"]!.DeepClone(),
            },
        };
        if (traits is not null)
            context["traits"] = traits;
        call["context"] = context;
        return call;
    }
}
