using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Projection.Queries;

/// <param name="When">The condition as the rulebook writes it.</param>
/// <param name="Members">How many customers satisfy it.</param>
internal sealed record SegmentSummary(string Key, string Name, string When, long Members);

/// <param name="Since">When the customer entered.</param>
internal sealed record Member(string Customer, DateTimeOffset Since);

/// <summary><c>/api/segments</c></summary>
internal static class SegmentRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/segments", ListAsync).WithSummary("The segments of the rulebook, and how many members each has").Produces<Page<SegmentSummary>>();
        api.MapGet("/segments/{key}", ReadAsync).WithSummary("One segment")
            .Produces<SegmentSummary>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/segments/{key}/members", ReadMembersAsync).WithSummary("The members of a segment, by customer id")
            .WithDescription("With `Accept: text/csv` as CSV: all members, or with `limit` a page of them, whose header `Link` tells where to go on.")
            .Produces<Page<Member>>(StatusCodes.Status200OK, "application/json", "text/csv").ProducesProblem(StatusCodes.Status404NotFound);
    }

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

    private static async Task<IResult> ReadMembersAsync(
        string key, [AsParameters] PageQuery page, HttpRequest request, ICustomerViews views, CurrentRulebook rulebook, CancellationToken cancellationToken)
    {
        if (!page.TryReadLimit(out var limit))
            return Problems.BadLimit(page.Limit!);
        var segments = rulebook.Value.Segments;
        if (segments.All(rule => rule.Key != key))
            return Problems.UnknownSegment(key, segments.Select(rule => rule.Key));
        if (MembersCsv.IsWanted(request))
            return new MembersCsv(views, key, page.After, page.Limit is null ? null : limit);

        var members = await views.MembersAsync(key, page.After, limit + 1, cancellationToken);
        var items = members.Take(limit).Select(member => new Member(member.Customer, member.Since.ToDateTimeOffset())).ToArray();
        return QueryJson.Answer(new Page<Member>(items, members.Count > limit ? items[^1].Customer : null));
    }

    private static SegmentSummary ToSummary(SegmentRule rule, IReadOnlyDictionary<string, long> counts) =>
        new(rule.Key, rule.Name, rule.Text, counts.GetValueOrDefault(rule.Key));
}
