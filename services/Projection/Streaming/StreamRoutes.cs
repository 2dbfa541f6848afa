using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Projection.Queries;

namespace TaggingPipeline.Projection.Streaming;

/// <summary><c>/api/changes/stream</c></summary>
internal static class StreamRoutes
{
    private const string LastEventId = "Last-Event-ID";

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/changes/stream", ReadAsync).WithSummary("Changes as they happen, as server-sent events")
            .WithDescription(
                "`id` is the position in the feed, `event` the type, `data` the envelope. With the header `Last-Event-ID`, or else `after`, it goes on behind that position; with neither it "
                + "starts from now. An `id` without data says how far was read; a comment comes every 15 s when there is nothing to tell.")
            .Produces<string>(contentType: "text/event-stream");

    private static async Task<IResult> ReadAsync(
        [AsParameters] ChangeQuery query,
        [Description("Only changes of this customer.")] string? customer,
        [Description("The position to go on behind; 0 for all there ever were.")] string? after,
        [FromHeader(Name = LastEventId), Description("The last `id` that was received; it counts more than `after`.")] string? lastEventId,
        IChangeFeed feed,
        CancellationToken cancellationToken)
    {
        var (filter, problem) = query.Read();
        if (problem is not null)
            return problem;
        var newest = await feed.NewestPositionAsync(cancellationToken);
        var (parameter, text) = string.IsNullOrEmpty(lastEventId) ? ("after", after) : (LastEventId, lastEventId);
        if (text is null)
            return new ChangeStream(filter, customer, newest);
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            return Problems.BadPosition(parameter, text);
        return position > newest ? Problems.PositionAhead(parameter, position, newest) : new ChangeStream(filter, customer, position);
    }
}
