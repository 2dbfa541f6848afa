using System.ComponentModel;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Processing.DeadLetters;
using TaggingPipeline.Projection.Queries;

namespace TaggingPipeline.Projection.DeadLetters;

/// <summary>A message that could not be processed.</summary>
/// <param name="Reason">The type of the exception.</param>
/// <param name="Body">As it was sent, as text; left out of lists.</param>
internal sealed record ShownLetter(string Id, string Queue, string Reason, string Detail, DateTimeOffset FailedAt, string? ContentType, string? Body);

internal sealed record ShownLetterGroup(string Queue, string Reason, long Count, DateTimeOffset FirstAt, DateTimeOffset LastAt);

internal sealed record LettersRedriven(long Redriven);

internal sealed record LettersDiscarded(long Discarded);

/// <summary>Which letters a request is about.</summary>
internal sealed record DeadLetterQuery
{
    [FromQuery(Name = "queue")]
    [Description("Only those that were in this queue.")]
    public string? Queue { get; init; }

    [FromQuery(Name = "reason")]
    [Description("Only those with this reason.")]
    public string? Reason { get; init; }

    public DeadLetterFilter Filter => new(Queue, Reason);
}

/// <summary><c>/api/dead-letters</c></summary>
internal static class DeadLetterRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/dead-letters", ListAsync).WithSummary("Messages that could not be processed, the oldest first, without their bodies").Produces<Page<ShownLetter>>();
        api.MapGet("/dead-letters/groups", CountAsync).WithSummary("How many messages of which queue could not be processed, and why").Produces<Page<ShownLetterGroup>>();
        api.MapGet("/dead-letters/{id}", ReadAsync).WithSummary("One message that could not be processed").Produces<ShownLetter>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/dead-letters/{id}/redrive", RedriveOneAsync).WithSummary("Sends a message to its queue again")
            .Produces<LettersRedriven>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        api.MapPost("/dead-letters/redrive", RedriveAsync).WithSummary("Sends all messages of a queue, or those with one reason, to their queue again")
            .Produces<LettersRedriven>().ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        api.MapDelete("/dead-letters/{id}", DiscardOneAsync).WithSummary("Discards a message for good")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
        api.MapDelete("/dead-letters", DiscardAsync).WithSummary("Discards all messages of a queue, or those with one reason, for good").Produces<LettersDiscarded>();
    }

    private static async Task<IResult> ListAsync([AsParameters] DeadLetterQuery query, [AsParameters] PageQuery page, IDeadLetters letters, CancellationToken cancellationToken)
    {
        if (!page.TryReadLimit(out var limit))
            return Problems.BadLimit(page.Limit!);
        if (page.After is not null && !DeadLetter.IsId(page.After))
            return Problems.BadLetterCursor(page.After);
        var found = await letters.ListAsync(query.Filter, page.After, limit, cancellationToken);
        return QueryJson.Answer(new Page<ShownLetter>([.. found.Select(letter => Show(letter, withBody: false))], found.Count < limit ? null : found[^1].Id));
    }

    private static async Task<IResult> CountAsync(IDeadLetters letters, CancellationToken cancellationToken)
    {
        var groups = await letters.CountAsync(cancellationToken);
        return QueryJson.Whole(groups.Select(group => new ShownLetterGroup(
            group.Queue, group.Reason, group.Count, group.FirstAt.ToDateTimeOffset(), group.LastAt.ToDateTimeOffset())).ToArray());
    }

    private static async Task<IResult> ReadAsync(string id, IDeadLetters letters, CancellationToken cancellationToken) =>
        await letters.FindAsync(id, cancellationToken) is { } letter ? QueryJson.Answer(Show(letter, withBody: true)) : Problems.UnknownDeadLetter(id);

    private static async Task<IResult> RedriveOneAsync(string id, IDeadLetters letters, DeadLetterDesk desk, CancellationToken cancellationToken)
    {
        if (await letters.FindAsync(id, cancellationToken) is not { } letter)
            return Problems.UnknownDeadLetter(id);
        return await desk.RedriveAsync(letter, cancellationToken) is { } failure ? Problems.NotRedriven(0, failure) : QueryJson.Answer(new LettersRedriven(1));
    }

    private static async Task<IResult> RedriveAsync([AsParameters] DeadLetterQuery query, DeadLetterDesk desk, CancellationToken cancellationToken)
    {
        if (query is { Queue: null, Reason: null })
            return Problems.NoLettersNamed();
        var (redriven, failure) = await desk.RedriveAsync(query.Filter, cancellationToken);
        return failure is null ? QueryJson.Answer(new LettersRedriven(redriven)) : Problems.NotRedriven(redriven, failure);
    }

    private static async Task<IResult> DiscardOneAsync(string id, IDeadLetters letters, CancellationToken cancellationToken) =>
        await letters.RemoveAsync(id, cancellationToken) ? TypedResults.NoContent() : Problems.UnknownDeadLetter(id);

    private static async Task<IResult> DiscardAsync([AsParameters] DeadLetterQuery query, DeadLetterDesk desk, CancellationToken cancellationToken) =>
        query is { Queue: null, Reason: null }
            ? Problems.NoLettersNamed()
            : QueryJson.Answer(new LettersDiscarded(await desk.DiscardAsync(query.Filter, cancellationToken)));

    private static ShownLetter Show(DeadLetter letter, bool withBody) => new(
        letter.Id, letter.Queue, letter.Reason, letter.Detail, letter.FailedAt.ToDateTimeOffset(), letter.ContentType, withBody ? Encoding.UTF8.GetString(letter.Body.Span) : null);
}
