using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Rejections;

namespace TaggingPipeline.Projection.Queries;

/// <summary><c>/api/rejected</c></summary>
internal static class RejectedRoutes
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/rejected", ReadAsync).WithSummary("Events that could not be accepted, with their reasons, oldest first")
            .WithDescription("`next` is where to go on, now or later; it is null when there is nothing after `after` yet.")
            .Produces<Page<RejectedEvent>>();

    private static async Task<IResult> ReadAsync([AsParameters] PageQuery page, IRejectedEvents rejected, CancellationToken cancellationToken)
    {
        if (!page.TryReadLimit(out var limit))
            return Problems.BadLimit(page.Limit!);
        if (!page.TryReadPosition(out var after))
            return Problems.BadCursor(page.After!);

        var kept = await rejected.ListAsync(after, limit, cancellationToken);
        return QueryJson.Answer(new Page<RejectedEvent>(
            [.. kept.Select(item => item.Event)], kept.Count == 0 ? null : QueryJson.Cursor(kept[^1].Position)));
    }
}
