using System.Text.Json;

namespace TaggingPipeline.Contracts;

/// <summary>Events on their way to rule evaluation: one message carries many, grouped by customer.</summary>
/// <remarks>Delivered at least once and in any order; each event counts once, by its customer and event id.</remarks>
public sealed record EventBatch
{
    public required IReadOnlyList<ShopEvent> Events { get; init; }
}

/// <summary>One thing a customer did, as it travels on the bus and as it is journaled.</summary>
public sealed record ShopEvent
{
    /// <summary>Names the event within its customer; 1 to 100 characters. The same id again is the same event.</summary>
    public required string EventId { get; init; }

    /// <summary>Whose event it is: the user id where there is one, otherwise the anonymous id; 1 to 200 characters.</summary>
    public required string CustomerId { get; init; }

    /// <summary><c>purchase</c>, <c>browse</c>, <c>interaction</c>, <c>profile</c> or <c>identity</c>; or <c>tag</c> for what somebody did to a tag by hand, which <c>/api</c> sends.</summary>
    public required string Kind { get; init; }

    /// <summary>The shop's name for it, such as <c>Order Completed</c>; for page and screen views the page's name.</summary>
    public required string Name { get; init; }

    /// <summary>When it happened, after correction for the sender's clock. Whole milliseconds; finer digits are cut.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>When ingestion received it.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The sender's own instant for the event, where it gave one.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>The sender's clock when it sent the event, where it told.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>The sender placed it later than it was received, so <see cref="OccurredAt"/> is <see cref="ReceivedAt"/>.</summary>
    public bool FromFuture { get; init; }

    public string? UserId { get; init; }

    public string? AnonymousId { get; init; }

    /// <summary>For an alias: the id that is the same person as <see cref="CustomerId"/>.</summary>
    public string? PreviousId { get; init; }

    public string? GroupId { get; init; }

    /// <summary>A JSON object: the event's properties, or for a profile event its traits.</summary>
    public JsonElement? Properties { get; init; }

    /// <summary>A JSON object: what the SDK says of device, page and campaign.</summary>
    public JsonElement? Context { get; init; }

    /// <summary>A JSON object: which destinations the sender wants the event forwarded to. Kept as sent; nothing here acts on it.</summary>
    public JsonElement? Integrations { get; init; }
}

/// <summary>The answer to an <see cref="EventBatch"/> that was sent as a request: its events are committed to the store.</summary>
public sealed record EventBatchCommitted
{
    /// <summary>How many of the batch's events were new.</summary>
    public required int Accepted { get; init; }

    /// <summary>How many the journal had already.</summary>
    public required int Duplicate { get; init; }
}

/// <summary>Events that could not be accepted, each with its reason, on their way to where they are kept aside.</summary>
public sealed record EventsRejected
{
    public required IReadOnlyList<RejectedEvent> Events { get; init; }
}

/// <summary>One event that could not be accepted.</summary>
public sealed record RejectedEvent
{
    /// <summary>Names the rejection; the same id again is the same rejection.</summary>
    public required string Id { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>A short stable code, such as <c>missing-id</c>.</summary>
    public required string Code { get; init; }

    /// <summary>What is wrong and where, for a person to read.</summary>
    public required string Reason { get; init; }

    /// <summary>The sender's id for the event, if it could be read.</summary>
    public string? MessageId { get; init; }

    /// <summary>What was sent, as text; bytes that are not UTF-8 are replaced. At most 64 KB of it.</summary>
    public required string Payload { get; init; }

    /// <summary>How it was sent, and so how it is read: one of <see cref="RejectedSources"/>; null where that was not recorded, as in older versions.</summary>
    public string? Source { get; init; }

    /// <summary>What its request said besides, as a JSON object: <c>type</c>, from the path; and its batch's <c>context</c>, <c>integrations</c> and <c>sentAt</c>.</summary>
    public string? Request { get; init; }

    /// <summary>The steps with which it was sent again, in vain, as a JSON list: <see cref="Code"/> and <see cref="Reason"/> are about what these make of <see cref="Payload"/>.</summary>
    public string? Steps { get; init; }
}

/// <summary>The ways in which a rejected event can have come.</summary>
public static class RejectedSources
{
    /// <summary>An event of Segment's tracking API.</summary>
    public const string Tracking = "tracking";

    /// <summary>The whole body of a request of that API that holds many.</summary>
    public const string Batch = "batch";

    /// <summary>An event of an import.</summary>
    public const string Import = "import";

    /// <summary>A <see cref="ShopEvent"/> from the bus.</summary>
    public const string Bus = "bus";
}

/// <summary>The answer to <see cref="EventsRejected"/> and <see cref="TagsChangedBatch"/> sent as requests: it is stored.</summary>
public sealed record Stored;
