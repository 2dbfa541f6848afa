using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Processing.Subscriptions;
using TaggingPipeline.Projection.Queries;

namespace TaggingPipeline.Projection.Subscriptions;

/// <summary><c>/api/subscriptions</c>: adding, reading, replacing and removing.</summary>
internal static class SubscriptionRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/subscriptions", AddAsync).Accepts<NewSubscription>("application/json").WithSummary("Adds a webhook to which changes are delivered")
            .WithDescription("The answer shows the secret, this once. Deliveries are signed as Standard Webhooks are, and carry CloudEvents.")
            .Produces<ShownSubscription>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        api.MapGet("/subscriptions", ListAsync).WithSummary("All subscriptions, by id").Produces<Page<ShownSubscription>>();
        api.MapGet("/subscriptions/{id}", ReadAsync).WithSummary("One subscription: what it asks for, its state, and how far it has come")
            .Produces<ShownSubscription>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPut("/subscriptions/{id}", ReplaceAsync).Accepts<SubscriptionFields>("application/json")
            .WithSummary("Replaces what a subscription asks for; position, state and secrets stay")
            .Produces<ShownSubscription>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        api.MapDelete("/subscriptions/{id}", RemoveAsync).WithSummary("Removes a subscription with its position and log")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/subscriptions/{id}/deliveries", ReadLogAsync).WithSummary("What was sent to a subscription lately, the newest first")
            .WithDescription("The last 1,000 requests, some seconds late. `next` is how many to pass over for the next page.")
            .Produces<Page<ShownAttempt>>().ProducesProblem(StatusCodes.Status404NotFound);
        SubscriptionActions.Map(api);
    }

    private static async Task<IResult> AddAsync(HttpRequest request, SubscriptionDesk desk, IChangeFeed feed, CurrentRulebook current, CancellationToken cancellationToken)
    {
        var (asked, problem) = await JsonBody.ReadAsync<NewSubscription>(request, cancellationToken);
        if (problem is not null)
            return problem;
        var id = asked!.Id ?? SubscriptionDesk.NewId();
        (var terms, problem) = SubscriptionReading.ReadTerms(asked, current.Value);
        problem = SubscriptionReading.CheckId(id) ?? SubscriptionReading.CheckSecret(asked.Secret) ?? problem ?? await CheckAddressAsync(asked, desk, cancellationToken);
        if (problem is not null)
            return problem;
        var newest = await feed.NewestPositionAsync(cancellationToken);
        (var position, problem) = SubscriptionReading.ReadStart(asked.Start ?? "now", newest);
        if (problem is not null)
            return problem;

        var secret = SubscriptionDesk.SecretOf(asked.Secret);
        if (await desk.AddAsync(id, terms!, secret, position, cancellationToken) is not { } added)
            return Problems.SubscriptionExists(id);
        request.HttpContext.Response.Headers.Location = $"/api/subscriptions/{id}";
        return QueryJson.Answer(ShownSubscription.Of(added, newest, desk.Now()) with { Secret = secret.Text }, StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(ISubscriptions subscriptions, IChangeFeed feed, SubscriptionDesk desk, CancellationToken cancellationToken)
    {
        var all = await subscriptions.ListAsync(cancellationToken);
        var newest = await feed.NewestPositionAsync(cancellationToken);
        return QueryJson.Whole(all.Select(each => ShownSubscription.Of(each, newest, desk.Now())).ToArray());
    }

    private static async Task<IResult> ReadAsync(string id, ISubscriptions subscriptions, IChangeFeed feed, SubscriptionDesk desk, CancellationToken cancellationToken) =>
        await AnswerAsync(id, await subscriptions.FindAsync(id, cancellationToken), feed, desk, cancellationToken);

    private static async Task<IResult> ReplaceAsync(
        string id, HttpRequest request, SubscriptionDesk desk, IChangeFeed feed, CurrentRulebook current, CancellationToken cancellationToken)
    {
        var (asked, problem) = await JsonBody.ReadAsync<SubscriptionFields>(request, cancellationToken);
        if (problem is not null)
            return problem;
        (var terms, problem) = SubscriptionReading.ReadTerms(asked!, current.Value);
        problem ??= await CheckAddressAsync(asked!, desk, cancellationToken);
        if (problem is not null)
            return problem;
        var replaced = await desk.ChangeAsync(id, found => found.Terms == terms ? found : found.With(terms!), cancellationToken);
        return await AnswerAsync(id, replaced, feed, desk, cancellationToken);
    }

    private static async Task<IResult> RemoveAsync(string id, SubscriptionDesk desk, CancellationToken cancellationToken) =>
        await desk.RemoveAsync(id, cancellationToken) ? TypedResults.NoContent() : Problems.UnknownSubscription(id);

    private static async Task<IResult> ReadLogAsync(string id, [AsParameters] PageQuery page, ISubscriptions subscriptions, CancellationToken cancellationToken)
    {
        if (!page.TryReadLimit(out var limit))
            return Problems.BadLimit(page.Limit!);
        if (!page.TryReadPosition(out var after))
            return Problems.BadCursor(page.After!);
        if (await subscriptions.FindAsync(id, cancellationToken) is null)
            return Problems.UnknownSubscription(id);
        var attempts = await subscriptions.ReadAttemptsAsync(id, cancellationToken);
        var shown = attempts.Skip((int)Math.Min(after, int.MaxValue)).Take(limit).Select(ShownAttempt.Of).ToArray();
        return QueryJson.Answer(new Page<ShownAttempt>(shown, after + shown.Length < attempts.Count ? QueryJson.Cursor(after + shown.Length) : null));
    }

    /// <param name="found">Null for none of that id.</param>
    internal static async Task<IResult> AnswerAsync(string id, Subscription? found, IChangeFeed feed, SubscriptionDesk desk, CancellationToken cancellationToken) =>
        found is null
            ? Problems.UnknownSubscription(id)
            : QueryJson.Answer(ShownSubscription.Of(found, await feed.NewestPositionAsync(cancellationToken), desk.Now()));

    private static async Task<ProblemHttpResult?> CheckAddressAsync(SubscriptionFields asked, SubscriptionDesk desk, CancellationToken cancellationToken) =>
        await desk.ProblemOfConnectingAsync(asked.Address!, asked.Verify ?? true, cancellationToken) is { } why ? Problems.BadField("address", why) : null;
}
