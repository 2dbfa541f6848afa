using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Projection.Replays;

namespace TaggingPipeline.Projection.Queries;

/// <summary>One customer.</summary>
/// <param name="Identities">The ids by which the customer is known.</param>
/// <param name="Sequence">The number of the last tag change.</param>
/// <param name="Rulebook">Version of the rulebook that the reasons are of, with the snapshot of the population if it scores by one: <c>shop@1f3a9c02b7d4/p42</c>.</param>
/// <param name="AsOf">The instant for which the reasons hold.</param>
internal sealed record Customer(
    string Id,
    IReadOnlyList<CustomerTag> Tags,
    JsonElement Traits,
    IReadOnlyList<string> Identities,
    DateTimeOffset? FirstSeen,
    DateTimeOffset? LastSeen,
    long Sequence,
    string Rulebook,
    DateTimeOffset AsOf)
{
    /// <summary>Events whose amounts count in no sum, by currency: the rulebook has no rate for it.</summary>
    public required IReadOnlyList<LeftOutAmounts> LeftOut { get; init; }

    /// <summary>What every rule comes to, those included that call for no tag; only when asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CustomerOutcome>? Outcomes { get; init; }
}

/// <param name="ChangesAt">When it will change if nothing more happens; null for never.</param>
/// <param name="Reason">Null for the moment in which another rulebook came into force and has not decided the tag yet.</param>
internal sealed record CustomerTag(string Key, string Category, JsonElement? Value, DateTimeOffset Since, DateTimeOffset? ChangesAt, ChangeReason? Reason);

/// <param name="Value">Null when the rule calls for no tag.</param>
internal sealed record CustomerOutcome(string Key, string Category, JsonElement? Value, DateTimeOffset? ChangesAt, ChangeReason Reason);

/// <summary><c>/api/customers</c></summary>
internal static class CustomerRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/customers/{id}", ReadAsync).WithSummary("A customer's tags with their reasons, traits and numbers")
            .Produces<Customer>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/customers/{id}/tags", ReadTagsAsync).WithSummary("The tags a customer holds, with their reasons, now or as of an instant")
            .WithDescription("With `at` the answer is of the past: `by` history as it was recorded, or `by` journal as the recorded events say today; `verify=true` compares the two.")
            .WithMetadata(new ReadsThePast())
            .Produces<Page<CustomerTag>>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/customers/{id}/events", ReadEventsAsync).WithSummary("A customer's recorded events, newest first unless asked otherwise")
            .Produces<Page<ShopEvent>>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/customers/{id}/changes", ReadChangesAsync).WithSummary("A customer's tag and segment changes, in the order of the feed")
            .WithDescription("`next` is where to go on, now or later; it is null when there is nothing after `after` yet.")
            .Produces<Page<ChangeEnvelope>>().ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ReadAsync(
        string id,
        [Description("`all` adds what every rule comes to, those included that call for no tag.")] string? explain,
        HttpRequest request,
        CustomerReader customers,
        CancellationToken cancellationToken)
    {
        if (explain is not (null or "all"))
            return Problems.BadChoice("explain", explain, "all");
        id = PathText.CustomerId(request, id);
        return await customers.ReadAsync(id, cancellationToken) is { } reading
            ? QueryJson.Answer(ToCustomer(reading, withOutcomes: explain is not null))
            : Problems.UnknownCustomer(id);
    }

    private static async Task<IResult> ReadTagsAsync(
        string id,
        [Description("An instant (RFC 3339) in the past as of which to read.")] string? at,
        [Description("`history`, which is also what is meant where it is left out, or `journal`.")] string? by,
        [Description("`true` compares the two ways.")] string? verify,
        HttpRequest request,
        CustomerReader customers,
        PastReading past,
        CancellationToken cancellationToken)
    {
        if (!QueryTimes.TryReadInstant(at, out var instant))
            return Problems.BadInstant("at", at!);
        if (PastReading.ProblemWith(instant, by, verify) is { } problem)
            return problem;
        id = PathText.CustomerId(request, id);
        if (instant is { } then)
            return await past.ReadTagsAsync(id, then, by ?? PastReading.History, verify == "true", cancellationToken);
        return await customers.ReadAsync(id, cancellationToken) is { } reading ? QueryJson.Whole(ToTags(reading)) : Problems.UnknownCustomer(id);
    }

    private static async Task<IResult> ReadEventsAsync(
        string id,
        [Description("`newest` first, which is also what is meant where it is left out, or `oldest` first.")] string? order,
        [AsParameters] PageQuery page,
        HttpRequest request,
        IJournal journal,
        CancellationToken cancellationToken)
    {
        if (order is not (null or "newest" or "oldest"))
            return Problems.BadChoice("order", order, "newest", "oldest");
        if (!page.TryReadLimit(out var limit))
            return Problems.BadLimit(page.Limit!);
        if (!EventCursor.TryRead(page.After, out var after))
            return Problems.BadCursor(page.After!);

        id = PathText.CustomerId(request, id);
        var recorded = await journal.ReadAsync(id, cancellationToken);
        if (recorded.Count == 0)
            return Problems.UnknownCustomer(id);
        var (events, next) = EventCursor.Page(recorded, oldestFirst: order == "oldest", after, limit);
        return new StoredPage([.. events.Select(recordedEvent => recordedEvent.Body)], next);
    }

    private static async Task<IResult> ReadChangesAsync(
        string id, [AsParameters] PageQuery page, HttpRequest request, ICustomerDocuments documents, IChangeFeed feed, CancellationToken cancellationToken)
    {
        if (!page.TryReadLimit(out var limit))
            return Problems.BadLimit(page.Limit!);
        if (!page.TryReadPosition(out var after))
            return Problems.BadCursor(page.After!);

        id = PathText.CustomerId(request, id);
        if ((await documents.LoadAsync([id], cancellationToken)).Count == 0)
            return Problems.UnknownCustomer(id);
        var entries = await feed.ReadOfCustomerAsync(id, after, limit, cancellationToken);
        return new StoredPage([.. entries.Select(entry => entry.Body)], entries.Count == 0 ? null : QueryJson.Cursor(entries[^1].Position));
    }

    private static Customer ToCustomer(CustomerReading reading, bool withOutcomes) => new(
        reading.Document.Customer,
        ToTags(reading),
        ValueJson.ToElement(Value.Of(reading.Facts.Traits))!.Value,
        [reading.Document.Customer],
        reading.Facts.FirstSeen?.ToDateTimeOffset(),
        reading.Facts.LastSeen?.ToDateTimeOffset(),
        reading.Document.Tags.Sequence,
        reading.Rulebook,
        reading.AsOf.ToDateTimeOffset())
    {
        LeftOut = reading.Facts.LeftOut,
        Outcomes = withOutcomes ? [.. reading.Outcomes.Select(ToOutcome)] : null,
    };

    private static CustomerTag[] ToTags(CustomerReading reading) =>
    [
        .. reading.Document.Tags.Held.Select(held => new CustomerTag(
            held.Key, held.Category, ValueJson.ToElement(held.Value), held.Since.ToDateTimeOffset(), held.ChangesAt?.ToDateTimeOffset(),
            reading.ReasonOf(held) is { } reason ? ReasonMapping.ToContract(reason) : null)),
    ];

    private static CustomerOutcome ToOutcome(RuleOutcome outcome) => new(
        outcome.Key, outcome.Category, ValueJson.ToElement(outcome.Value), outcome.ChangesAt?.ToDateTimeOffset(), ReasonMapping.ToContract(outcome.Reason));
}
