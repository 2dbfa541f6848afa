using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client.Exceptions;
using TaggingPipeline.Processing.Exchange;
using TaggingPipeline.Projection.Queries;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Projection.Exchange;

/// <summary>A queue of a subscriber.</summary>
/// <param name="Exchange">The exchange that it is bound to.</param>
/// <param name="Messages">How many changes wait in it; null if the broker has no such queue.</param>
/// <param name="Position">Told when it is declared: all changes after this position in the feed that fit come to it.</param>
internal sealed record ShownQueue(string Name, string Exchange, IReadOnlyList<string> Bindings, long? Messages, long? Consumers, string? Position);

/// <summary><c>/api/queues</c></summary>
internal static class QueueRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        var queues = api.MapGroup("/queues").ProducesProblem(StatusCodes.Status501NotImplemented).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        queues.AddEndpointFilter(static async (context, next) =>
        {
            try
            {
                return await next(context);
            }
            catch (Exception failure) when (failure is TimeoutException or BrokerUnreachableException or OperationInterruptedException)
            {
                Log.BrokerNotAsked((ILogger)context.HttpContext.RequestServices.GetService(typeof(ILogger<QueueDesk>))!, failure);
                return Problems.BrokerAway(failure.GetBaseException().Message);
            }
        });
        queues.MapPut("/{name}", DeclareAsync).Accepts<QueueRequest>("application/json")
            .WithSummary("Declares a durable queue to which changes come whose routing keys fit, or gives it other bindings")
            .WithDescription("Its name begins with `subscriber.`. Changes come to it from now on; what stands in the feed up to `position` is read with `/api/changes`.")
            .Produces<ShownQueue>().Produces<ShownQueue>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        queues.MapGet("", ListAsync).WithSummary("The queues that were declared here, with what waits in them").Produces<Page<ShownQueue>>();
        queues.MapGet("/{name}", ReadAsync).WithSummary("One queue that was declared here").Produces<ShownQueue>().ProducesProblem(StatusCodes.Status404NotFound);
        queues.MapDelete("/{name}", DeleteAsync).WithSummary("Deletes a queue that was declared here, with what waits in it")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> DeclareAsync(string name, HttpRequest request, QueueDesk desk, CancellationToken cancellationToken)
    {
        if (!desk.HasBroker)
            return NoBroker();
        var (asked, problem) = await JsonBody.ReadAsync<QueueRequest>(request, cancellationToken);
        problem ??= QueueReading.CheckName(name) ?? QueueReading.CheckBindings(asked!.Bindings);
        if (problem is not null)
            return problem;
        var queue = new QueueDeclaration(name, [.. asked!.Bindings!.Select(binding => binding!).Distinct(StringComparer.Ordinal)]);
        bool isNew;
        long position;
        try
        {
            (isNew, position) = await desk.DeclareAsync(queue, cancellationToken);
        }
        catch (OperationInterruptedException refusal) when (QueueAdministration.IsTaken(refusal))
        {
            return Problems.QueueTaken(name, refusal.ShutdownReason!.ReplyText);
        }

        var shown = await ShowAsync(desk, queue, cancellationToken) with { Position = QueryJson.Cursor(position) };
        return QueryJson.Answer(shown, isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<IResult> ListAsync(QueueDesk desk, CancellationToken cancellationToken)
    {
        if (!desk.HasBroker)
            return NoBroker();
        var shown = new List<ShownQueue>();
        foreach (var queue in await desk.ListAsync(cancellationToken))
            shown.Add(await ShowAsync(desk, queue, cancellationToken));
        return QueryJson.Whole(shown);
    }

    private static async Task<IResult> ReadAsync(string name, QueueDesk desk, CancellationToken cancellationToken)
    {
        if (!desk.HasBroker)
            return NoBroker();
        return await desk.FindAsync(name, cancellationToken) is { } queue ? QueryJson.Answer(await ShowAsync(desk, queue, cancellationToken)) : Problems.UnknownQueue(name);
    }

    private static async Task<IResult> DeleteAsync(string name, QueueDesk desk, CancellationToken cancellationToken)
    {
        if (!desk.HasBroker)
            return NoBroker();
        return await desk.DeleteAsync(name, cancellationToken) ? TypedResults.NoContent() : Problems.UnknownQueue(name);
    }

    private static async Task<ShownQueue> ShowAsync(QueueDesk desk, QueueDeclaration queue, CancellationToken cancellationToken)
    {
        var contents = await desk.LookAsync(queue.Name, cancellationToken);
        return new(queue.Name, ChangesExchange.Name, queue.Bindings, contents?.Messages, contents?.Consumers, null);
    }

    private static ProblemHttpResult NoBroker() => Problems.NotOnThisBus("queues need RabbitMQ as bus (setting Bus); this one is in memory. `/api/changes/stream` and webhooks work on any");
}
