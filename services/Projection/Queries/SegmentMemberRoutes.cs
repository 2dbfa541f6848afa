using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Projection.Replays;

namespace TaggingPipeline.Projection.Queries;

/// <param name="Since">When the customer entered.</param>
internal sealed record Member(string Customer, DateTimeOffset Since);

/// <param name="Next">Where to go on; null for nowhere.</param>
/// <param name="Position">Where <c>/api/changes</c> goes on from the list, the same on all its pages; null for members of the past.</param>
internal sealed record MemberPage(IReadOnlyList<Member> Items, string? Next, string? Position);

/// <summary><c>/api/segments/{key}/members</c></summary>
internal static class SegmentMemberRoutes
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/segments/{key}/members", ReadAsync).WithSummary("The members of a segment, by customer id, now or as of an instant")
            .WithDescription(
                "Whoever is a member throughout comes exactly once, whatever changes between two pages. `position` was read before the first page: apply the segment's "
                + "changes that `/api/changes?after=POSITION` tells, in their order, and you have the members as they are. "
                + $"With `Accept: text/csv` or `application/x-ndjson` all members are streamed, or with `limit` a page of them, whose header `Link` tells where to go on; "
                + $"the position is in the header `{MemberExport.PositionHeader}`.")
            .WithMetadata(new ReadsThePast())
            .Produces<MemberPage>(StatusCodes.Status200OK, "application/json", "text/csv", "application/x-ndjson").ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<IResult> ReadAsync(
        string key,
        [AsParameters] PageQuery page,
        [Description("An instant (RFC 3339) in the past as of which to read; one to come is read as now.")] string? at,
        [Description("Of the past: `history`, which is also what is meant where it is left out, or `journal`, as the recorded events say today.")] string? by,
        [Description("`true`, together with `by=journal`, compares the two ways.")] string? verify,
        HttpRequest request,
        ICustomerViews views,
        ISegmentHistory history,
        IChangeFeed feed,
        CurrentRulebook rulebook,
        PastReading past,
        CancellationToken cancellationToken)
    {
        if (!page.TryReadLimit(out var limit))
            return Problems.BadLimit(page.Limit!);
        if (!QueryTimes.TryReadInstant(at, out var instant))
            return Problems.BadInstant("at", at!);
        if (PastReading.ProblemWith(instant, by, verify) is { } wrong)
            return wrong;
        if (!MemberCursor.TryRead(page.After, instant, out var after))
            return Problems.BadCursor(page.After!);
        if (SegmentRoutes.ProblemWith(key, rulebook.Value) is { } problem)
            return problem;
        if (by == PastReading.Journal || verify == "true")
        {
            return await past.ReadMembersAsync(key, instant!.Value, after?.Customer, limit, verify == "true", cancellationToken);
        }

        // Before any member: what changes from here on, the feed tells after this position.
        var position = instant is null ? after?.Origin ?? await feed.NewestPositionAsync(cancellationToken) : (long?)null;
        var list = new MemberList(views, history, key, instant, position);
        if (ExportFormat.WantedBy(request) is { } format)
            return new MemberExport(list, format, after?.Customer, page.Limit is null ? null : limit);

        var members = await list.ReadAsync(after?.Customer, limit + 1, cancellationToken);
        var items = members.Take(limit).Select(member => new Member(member.Customer, member.Since.ToDateTimeOffset())).ToArray();
        return QueryJson.Answer(new MemberPage(
            items, members.Count > limit ? list.CursorBehind(items[^1].Customer) : null, position is { } known ? QueryJson.Cursor(known) : null));
    }
}
