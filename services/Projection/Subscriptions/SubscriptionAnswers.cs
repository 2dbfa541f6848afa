using System.Text.Json.Serialization;
using NodaTime;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Subscriptions;
using TaggingPipeline.Projection.Queries;

namespace TaggingPipeline.Projection.Subscriptions;

/// <summary>A subscription as it is shown: without its secrets.</summary>
/// <param name="State"><c>active</c>, <c>paused</c> by a person, <c>disabled</c> by the subscriber's answer 410, or <c>parked</c> after failing for a day.</param>
/// <param name="Reason">Why it is in that state; null for active.</param>
/// <param name="FailingSince">Since when something that is still to be delivered has failed; null while nothing does.</param>
/// <param name="Position">All changes up to it are delivered, or not asked for.</param>
/// <param name="NewestPosition">That of the newest change in the feed.</param>
/// <param name="SecretsEndAt">For each secret when it ends; null for the one that does not.</param>
internal sealed record ShownSubscription(
    string Id, string Kind, string Address, FilterFields Filter, IReadOnlyList<string> Traits, string Shape, int Concurrency, int BatchSize, int TimeoutSeconds,
    string State, string? Reason, DateTimeOffset StateSince, DateTimeOffset? FailingSince, string Position, string NewestPosition, DateTimeOffset CreatedAt,
    IReadOnlyList<DateTimeOffset?> SecretsEndAt)
{
    public const string Webhook = "webhook";

    /// <summary>Shown once, to whoever has just made or replaced it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; init; }

    public static ShownSubscription Of(Subscription subscription, long newest, Instant now)
    {
        var terms = subscription.Terms;
        return new(
            subscription.Id, Webhook, terms.Address, Show(terms.Filter), terms.Traits, NameOf(terms.Shape), terms.Concurrency, terms.BatchSize, terms.TimeoutSeconds,
            NameOf(subscription.State), subscription.Reason, subscription.StateSince.ToDateTimeOffset(), subscription.FailingSince?.ToDateTimeOffset(),
            QueryJson.Cursor(subscription.Position), QueryJson.Cursor(newest), subscription.CreatedAt.ToDateTimeOffset(),
            [.. subscription.Secrets.Where(secret => secret.IsInForce(now)).Select(secret => secret.EndsAt?.ToDateTimeOffset())]);
    }

    private static FilterFields Show(ChangeFilter filter) =>
        new() { Key = filter.Keys, Type = filter.Types, Cause = filter.Causes, Segment = filter.Segments, Category = filter.Categories };

    private static string NameOf<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}

/// <summary>One request to the subscriber.</summary>
/// <param name="MessageId">The header <c>webhook-id</c>.</param>
/// <param name="Changes">Ids of the changes that it carried; none for a test.</param>
/// <param name="Position">That of the last of them; null for a test.</param>
/// <param name="Status">The status of the answer; null if there was none.</param>
/// <param name="Error">Why it counts as failed; null for a success.</param>
internal sealed record ShownAttempt(
    DateTimeOffset At, string MessageId, IReadOnlyList<string> Changes, string? Position, int Attempt, bool Delivered, int? Status, int DurationMilliseconds, string? Error)
{
    public static ShownAttempt Of(DeliveryAttempt attempt) => new(
        attempt.At.ToDateTimeOffset(), attempt.MessageId, attempt.Changes, attempt.Changes.IsEmpty ? null : QueryJson.Cursor(attempt.Position), attempt.Attempt,
        attempt.Error is null, attempt.Status, attempt.DurationMilliseconds, attempt.Error);
}
