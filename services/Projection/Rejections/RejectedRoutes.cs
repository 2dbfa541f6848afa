using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Rejections;
using TaggingPipeline.Projection.Queries;

namespace TaggingPipeline.Projection.Rejections;

/// <param name="Pattern">The reason, with <c>#</c> for each number in it.</param>
/// <param name="Reason">That of the example.</param>
/// <param name="Example">The id of the one that has been there longest.</param>
internal sealed record ShownRejectionGroup(string Code, string Pattern, long Count, DateTimeOffset FirstAt, DateTimeOffset LastAt, string Example, string Reason);

internal sealed record RejectionsDiscarded(long Discarded);

/// <summary>Which rejections a request is about.</summary>
internal sealed record RejectionQuery
{
    [FromQuery(Name = "code")]
    [Description("Only those with this code.")]
    public string? Code { get; init; }

    [FromQuery(Name = "pattern")]
    [Description("Only those whose reason has this pattern, as the groups tell it.")]
    public string? Pattern { get; init; }

    public RejectionFilter Filter => new(Code, Pattern);
}

/// <summary><c>/api/rejected</c></summary>
internal static class RejectedRoutes
{
    private const int ReadAtOnce = 50;

    /// <summary>After so much of what was sent a page ends.</summary>
    private const int MostCharacters = 2 * 1024 * 1024;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/rejected", ListAsync).WithSummary("Events that could not be accepted, with their reasons, oldest first")
            .WithDescription("A page ends early after some megabytes. `next` is where to go on, now or later; it is null when there is nothing after `after` yet.")
            .Produces<Page<RejectedEvent>>();
        api.MapGet("/rejected/groups", GroupAsync).WithSummary("How many events could not be accepted, and why").Produces<Page<ShownRejectionGroup>>();
        api.MapGet("/rejected/{id}", ReadAsync).WithSummary("One event that could not be accepted").Produces<RejectedEvent>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/rejected/preview", PreviewAsync).Accepts<MendingRequest>("application/json").WithSummary("What would become of rejected events if they were mended and sent again. Changes nothing")
            .Produces<MendingReport>().ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        api.MapPost("/rejected/resubmit", ResubmitAsync).Accepts<MendingRequest>("application/json").WithSummary("Mends rejected events, and sends those again that are accepted then")
            .WithDescription("They keep their instant: the one they say, or else when they were received first. What is not accepted stays, with the new reason.")
            .Produces<MendingReport>().ProducesProblem(StatusCodes.Status422UnprocessableEntity).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        api.MapDelete("/rejected/{id}", DiscardOneAsync).WithSummary("Discards a rejected event for good")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
        api.MapDelete("/rejected", DiscardAsync).WithSummary("Discards all rejected events with a code or reason, or all there are, for good").Produces<RejectionsDiscarded>();
    }

    private static async Task<IResult> ListAsync([AsParameters] RejectionQuery query, [AsParameters] PageQuery page, IRejectedEvents rejected, CancellationToken cancellationToken)
    {
        if (!page.TryReadLimit(out var limit))
            return Problems.BadLimit(page.Limit!);
        if (!page.TryReadPosition(out var after))
            return Problems.BadCursor(page.After!);

        var (items, characters) = (new List<RejectedEvent>(), 0);
        while (items.Count < limit && characters < MostCharacters
            && await rejected.ListAsync(query.Filter, after, Math.Min(limit - items.Count, ReadAtOnce), cancellationToken) is { Count: > 0 } kept)
        {
            after = kept[^1].Position;
            items.AddRange(kept.Select(item => item.Event));
            characters += kept.Sum(item => item.Event.Payload.Length);
        }

        return QueryJson.Answer(new Page<RejectedEvent>(items, items.Count == 0 ? null : QueryJson.Cursor(after)));
    }

    private static async Task<IResult> GroupAsync(IRejectedEvents rejected, CancellationToken cancellationToken)
    {
        var groups = await rejected.GroupAsync(cancellationToken);
        return QueryJson.Whole(groups.Select(group => new ShownRejectionGroup(
            group.Code, group.Pattern, group.Count, group.FirstAt, group.LastAt, group.Example.Id, group.Example.Reason)).ToArray());
    }

    private static async Task<IResult> ReadAsync(string id, IRejectedEvents rejected, CancellationToken cancellationToken) =>
        await rejected.FindAsync(id, cancellationToken) is { } found ? QueryJson.Answer(found) : Problems.UnknownRejection(id);

    private static async Task<IResult> PreviewAsync(HttpRequest request, RejectionDesk desk, CancellationToken cancellationToken)
    {
        var (selection, problem) = await RejectionSelection.ReadAsync(request, cancellationToken);
        return problem is not null ? problem : QueryJson.Answer(await desk.PreviewAsync(selection!, cancellationToken));
    }

    private static async Task<IResult> ResubmitAsync(HttpRequest request, RejectionDesk desk, CancellationToken cancellationToken)
    {
        var (selection, problem) = await RejectionSelection.ReadAsync(request, cancellationToken);
        if (problem is not null)
            return problem;
        var (report, failure) = await desk.ResubmitAsync(selection!, cancellationToken);
        return failure is null ? QueryJson.Answer(report) : Problems.NotResubmitted(report.Accepted, failure);
    }

    private static async Task<IResult> DiscardOneAsync(string id, IRejectedEvents rejected, CancellationToken cancellationToken) =>
        await rejected.RemoveAsync([id], cancellationToken) > 0 ? TypedResults.NoContent() : Problems.UnknownRejection(id);

    private static async Task<IResult> DiscardAsync(
        [AsParameters] RejectionQuery query, [FromQuery] [Description("True, to discard all there are.")] string? all, RejectionDesk desk, CancellationToken cancellationToken)
    {
        if (all is not (null or "true" or "false"))
            return Problems.BadChoice("all", all, "true", "false");
        return (query.Code ?? query.Pattern) is not null == (all == "true")
            ? Problems.NoRejectionsNamed()
            : QueryJson.Answer(new RejectionsDiscarded(await desk.DiscardAsync(query.Filter, cancellationToken)));
    }
}
