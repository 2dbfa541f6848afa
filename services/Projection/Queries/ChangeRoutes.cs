using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Projection.Queries;

/// <summary><c>/api/changes</c></summary>
internal static class ChangeRoutes
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/changes", ReadAsync).WithSummary("Every tag and segment change of every customer, in the order of the feed")
            .WithDescription(
                "`next` is where to go on, now or later; it is null when there is nothing after `after` yet. With a filter a page may be short, even empty, "
                + "though more follows: go on while `next` is not null.")
            .Produces<Page<ChangeEnvelope>>();

    private static async Task<IResult> ReadAsync(
        [AsParameters] ChangeQuery query,
        [Description("Only changes of this customer.")] string? customer,
        [AsParameters] PageQuery page,
        IChangeFeed feed,
        CancellationToken cancellationToken)
    {
        if (!page.TryReadLimit(out var limit))
            return Problems.BadLimit(page.Limit!);
        if (!page.TryReadPosition(out var after))
            return Problems.BadCursor(page.After!);
        var (filter, problem) = query.Read();
        if (problem is not null)
            return problem;

        var (entries, readTo) = await feed.ReadAsync(filter, customer, after, limit, cancellationToken);
        // Whoever is ahead would miss in silence what comes until the feed is there.
        if (readTo == after && after > 0 && await feed.NewestPositionAsync(cancellationToken) is var newest && after > newest)
            return Problems.PositionAhead("after", after, newest);
        return new StoredPage([.. entries.Select(entry => entry.Body)], readTo > after ? QueryJson.Cursor(readTo) : null);
    }
}
