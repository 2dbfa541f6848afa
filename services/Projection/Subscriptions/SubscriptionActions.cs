using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using NodaTime;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Subscriptions;
using TaggingPipeline.Projection.Queries;

namespace TaggingPipeline.Projection.Subscriptions;

/// <summary>What can be done to a subscription besides changing what it asks for.</summary>
internal static class SubscriptionActions
{
    private const int DefaultKeepHours = 24;
    private const int MostKeepHours = 168;
    private const int LongestReason = 200;

    public static void Map(RouteGroupBuilder api)
    {
        Describe(api.MapPost("/subscriptions/{id}/pause", PauseAsync)).Accepts<PauseRequest>("application/json").Produces<ShownSubscription>()
            .WithSummary("Stops deliveries until they are resumed; changes meanwhile are not lost");
        Describe(api.MapPost("/subscriptions/{id}/resume", ResumeAsync)).Produces<ShownSubscription>()
            .WithSummary("Goes on from where deliveries stopped, whatever stopped them; tries at once what waits after a failure");
        Describe(api.MapPost("/subscriptions/{id}/redeliver", RedeliverAsync)).Accepts<RedeliverRequest>("application/json").Produces<ShownSubscription>()
            .WithSummary("Moves the position: back, to deliver changes again, or ahead, to pass over some")
            .WithDescription("Changes that are delivered again have the same ids. The state stays: what is not active is delivered once it is resumed.");
        Describe(api.MapPost("/subscriptions/{id}/rotate", RotateAsync)).Accepts<RotateRequest>("application/json").Produces<ShownSubscription>()
            .WithSummary("Replaces the secret; deliveries are signed with the one before too for some hours")
            .WithDescription("The answer shows the new secret, this once. Of those before it the newest three are kept at most.");
        Describe(api.MapPost("/subscriptions/{id}/test", TestAsync)).Produces<ShownAttempt>()
            .WithSummary("Sends a test, in whatever state the subscription is, and answers what came of it");
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route) =>
        route.ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status422UnprocessableEntity);

    private static async Task<IResult> PauseAsync(string id, HttpRequest request, SubscriptionDesk desk, IChangeFeed feed, CancellationToken cancellationToken)
    {
        var (asked, problem) = await JsonBody.ReadAsync<PauseRequest>(request, cancellationToken);
        if (problem is not null)
            return problem;
        var reason = asked!.Reason ?? "paused by a person";
        if (reason.Length > LongestReason)
            return Problems.BadField("reason", $"it is longer than {LongestReason} characters");
        var paused = await desk.ChangeAsync(id, found => found.In(SubscriptionState.Paused, reason, desk.Now()), cancellationToken);
        return await SubscriptionRoutes.AnswerAsync(id, paused, feed, desk, cancellationToken);
    }

    private static async Task<IResult> ResumeAsync(string id, SubscriptionDesk desk, IChangeFeed feed, CancellationToken cancellationToken)
    {
        var resumed = await desk.ChangeAsync(id, found => found.In(SubscriptionState.Active, null, desk.Now()), cancellationToken);
        return await SubscriptionRoutes.AnswerAsync(id, resumed, feed, desk, cancellationToken);
    }

    private static async Task<IResult> RedeliverAsync(string id, HttpRequest request, SubscriptionDesk desk, IChangeFeed feed, CancellationToken cancellationToken)
    {
        var (asked, problem) = await JsonBody.ReadAsync<RedeliverRequest>(request, cancellationToken);
        if (problem is not null)
            return problem;
        (var position, problem) = SubscriptionReading.ReadStart(asked!.Start, await feed.NewestPositionAsync(cancellationToken));
        if (problem is not null)
            return problem;
        var moved = await desk.ChangeAsync(id, found => found.From(position), cancellationToken);
        return await SubscriptionRoutes.AnswerAsync(id, moved, feed, desk, cancellationToken);
    }

    private static async Task<IResult> RotateAsync(string id, HttpRequest request, SubscriptionDesk desk, IChangeFeed feed, CancellationToken cancellationToken)
    {
        var (asked, problem) = await JsonBody.ReadAsync<RotateRequest>(request, cancellationToken);
        if ((problem ?? SubscriptionReading.CheckSecret(asked!.Secret)) is { } bad)
            return bad;
        var keeps = asked!.KeepHours ?? DefaultKeepHours;
        if (keeps is < 0 or > MostKeepHours)
            return Problems.BadField("keepHours", $"{keeps} is not from 0 to {MostKeepHours}");
        var secret = SubscriptionDesk.SecretOf(asked.Secret);
        return await desk.RotateAsync(id, secret, Duration.FromHours(keeps), cancellationToken) is { } rotated
            ? QueryJson.Answer(ShownSubscription.Of(rotated, await feed.NewestPositionAsync(cancellationToken), desk.Now()) with { Secret = secret.Text })
            : Problems.UnknownSubscription(id);
    }

    private static async Task<IResult> TestAsync(string id, SubscriptionDesk desk, ISubscriptions subscriptions, CancellationToken cancellationToken) =>
        await subscriptions.FindAsync(id, cancellationToken) is { } found
            ? QueryJson.Answer(ShownAttempt.Of(await desk.TestAsync(found, cancellationToken)))
            : Problems.UnknownSubscription(id);
}
