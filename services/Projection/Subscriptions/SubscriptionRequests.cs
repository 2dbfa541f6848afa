using System.ComponentModel;

namespace TaggingPipeline.Projection.Subscriptions;

/// <summary>What somebody asks for who adds a subscription.</summary>
internal sealed record NewSubscription : SubscriptionFields
{
    [Description("Its name: small letters, digits and dashes, up to 64. Made up where it is left out.")]
    public string? Id { get; init; }

    [Description("What deliveries are signed with: `whsec_` and 24 to 64 bytes in base64. Made up, and shown in the answer, where it is left out.")]
    public string? Secret { get; init; }

    [Description("From where on changes are delivered: `now` (where it is left out), `first`, or a position of the feed.")]
    public string? Start { get; init; }
}

/// <summary>What of a subscription can be replaced; what is left out comes to its default.</summary>
internal record SubscriptionFields
{
    [Description("`webhook`, the only kind there is.")]
    public string? Kind { get; init; }

    [Description("Where deliveries are sent: an https address, or an http address of this machine.")]
    public string? Address { get; init; }

    [Description("Which changes are delivered; all where it is left out. Of each list one must fit.")]
    public FilterFields? Filter { get; init; }

    [Description("Names of the customer's traits that come with every change, as they are when it is delivered.")]
    public IReadOnlyList<string>? Traits { get; init; }

    [Description("`cloudevents` (where it is left out) or `segment`.")]
    public string? Shape { get; init; }

    [Description("How many requests may be under way at once: 1 to 64, 8 where it is left out. A customer's changes come one after another all the same.")]
    public int? Concurrency { get; init; }

    [Description("How many changes one request may carry: 1 to 100, 1 where it is left out. With more than 1 every body is a list.")]
    public int? BatchSize { get; init; }

    [Description("How long an answer may take: 1 to 60, 15 where it is left out.")]
    public int? TimeoutSeconds { get; init; }

    [Description("Whether to connect to the address once before the subscription is kept; true where it is left out.")]
    public bool? Verify { get; init; }
}

/// <summary>A filter, with the names of the parameters of <c>/api/changes</c>.</summary>
internal sealed record FilterFields
{
    public IReadOnlyList<string>? Key { get; init; }

    public IReadOnlyList<string>? Type { get; init; }

    public IReadOnlyList<string>? Cause { get; init; }

    public IReadOnlyList<string>? Segment { get; init; }

    public IReadOnlyList<string>? Category { get; init; }
}

/// <param name="Reason">Why; shown with the subscription.</param>
internal sealed record PauseRequest(string? Reason);

/// <param name="Start">From where on changes are delivered: <c>now</c>, <c>first</c>, or a position of the feed.</param>
internal sealed record RedeliverRequest(string? Start);

internal sealed record RotateRequest
{
    [Description("The new secret; made up, and shown in the answer, where it is left out.")]
    public string? Secret { get; init; }

    [Description("How long deliveries are signed with the secret before too: 0 to 168, 24 where it is left out.")]
    public int? KeepHours { get; init; }
}
