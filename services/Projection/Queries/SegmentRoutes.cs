using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Projection.Queries;

/// <param name="When">The condition as the rulebook writes it.</param>
/// <param name="Members">How many customers satisfy it.</param>
internal sealed record SegmentSummary(string Key, string Name, string When, long Members);

/// <summary><c>/api/segments</c></summary>
internal static class SegmentRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/segments", ListAsync).WithSummary("The segments of the rulebook, and how many members each has").Produces<Page<SegmentSummary>>();
        api.MapGet("/segments/{key}", ReadAsync).WithSummary("One segment")
            .Produces<SegmentSummary>().ProducesProblem(StatusCodes.Status404NotFound);
        SegmentMemberRoutes.Map(api);
        SegmentHistoryRoutes.Map(api);
        SegmentOverlapRoutes.Map(api);
    }

    /// <summary>What is answered for a segment that the rulebook does not have; null if it has it.</summary>
    public static ProblemHttpResult? ProblemWith(string key, Rulebook rulebook) =>
        rulebook.Segments.Any(rule => rule.Key == key) ? null : Problems.UnknownSegment(key, rulebook.Segments.Select(rule => rule.Key));

    private static async Task<IResult> ListAsync(ICustomerViews views, CurrentRulebook rulebook, CancellationToken cancellationToken)
    {
        var counts = await views.SegmentCountsAsync(cancellationToken);
        return QueryJson.Whole(rulebook.Value.Segments.Select(rule => ToSummary(rule, counts)).ToArray());
    }

    private static async Task<IResult> ReadAsync(string key, ICustomerViews views, CurrentRulebook rulebook, CancellationToken cancellationToken)
    {
        var segments = rulebook.Value.Segments;
        return segments.FirstOrDefault(rule => rule.Key == key) is { } found
            ? QueryJson.Answer(ToSummary(found, await views.SegmentCountsAsync(cancellationToken)))
            : Problems.UnknownSegment(key, segments.Select(rule => rule.Key));
    }

    private static SegmentSummary ToSummary(SegmentRule rule, IReadOnlyDictionary<string, long> counts) =>
        new(rule.Key, rule.Name, rule.Text, counts.GetValueOrDefault(rule.Key));
}
