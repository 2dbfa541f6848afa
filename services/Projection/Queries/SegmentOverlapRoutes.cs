using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Projection.Queries;

/// <param name="Members">How many are in that segment.</param>
/// <param name="Both">How many of them are in the one that was asked for, too.</param>
internal sealed record SegmentOverlap(string Key, string Name, long Members, long Both);

/// <param name="Members">How many are in the segment that was asked for.</param>
/// <param name="InAll">How many are in it and in all those of <c>with</c>; null where that is left out.</param>
internal sealed record SegmentOverlaps(string Key, long Members, IReadOnlyList<SegmentOverlap> Items, string? Next, long? InAll);

/// <summary><c>/api/segments/{key}/overlap</c></summary>
internal static class SegmentOverlapRoutes
{
    private const int MostOthers = 10;

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/segments/{key}/overlap", ReadAsync).WithSummary("How many members of a segment are in others, too")
            .WithDescription("The counts are made one after the other, so while members come and go they may be of slightly different moments.")
            .Produces<SegmentOverlaps>().ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<IResult> ReadAsync(
        string key,
        [Description("Only these segments, up to ten, parted by commas; how many are in all of them is then told too.")] string? with,
        ICustomerViews views,
        CurrentRulebook current,
        CancellationToken cancellationToken)
    {
        var segments = current.Value.Segments;
        if (SegmentRoutes.ProblemWith(key, current.Value) is { } problem)
            return problem;
        var others = with?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(other => other != key).Distinct().ToArray();
        if (others?.Length > MostOthers)
            return Problems.TooMany("with", MostOthers);
        if (others?.FirstOrDefault(other => segments.All(rule => rule.Key != other)) is { } unknown)
            return Problems.UnknownOther("with", unknown, segments.Select(rule => rule.Key));

        var counts = await views.SegmentCountsAsync(cancellationToken);
        var overlaps = others is null ? await views.OverlapsAsync(key, cancellationToken) : await CountAsync(views, key, others, cancellationToken);
        var inAll = others is null ? (long?)null : await views.CountInAllAsync([key, .. others], cancellationToken);
        return QueryJson.Answer(new SegmentOverlaps(
            key,
            counts.GetValueOrDefault(key),
            [
                .. segments.Where(rule => rule.Key != key && others?.Contains(rule.Key) != false)
                    .Select(rule => new SegmentOverlap(rule.Key, rule.Name, counts.GetValueOrDefault(rule.Key), overlaps.GetValueOrDefault(rule.Key))),
            ],
            null,
            inAll));
    }

    private static async Task<IReadOnlyDictionary<string, long>> CountAsync(ICustomerViews views, string key, string[] others, CancellationToken cancellationToken)
    {
        var overlaps = new Dictionary<string, long>();
        foreach (var other in others)
            overlaps.Add(other, await views.CountInAllAsync([key, other], cancellationToken));
        return overlaps;
    }
}
