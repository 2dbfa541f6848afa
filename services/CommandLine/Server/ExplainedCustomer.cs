using System.Text.Json;
using TaggingPipeline.Contracts;

namespace TaggingPipeline.CommandLine.Server;

/// <summary>A customer as <c>/api/customers/{id}?explain=all</c> tells of one; what is not shown is left out.</summary>
internal sealed record ExplainedCustomer
{
    public required string Id { get; init; }

    public required IReadOnlyList<ExplainedTag> Tags { get; init; }

    public required IReadOnlyDictionary<string, JsonElement> Traits { get; init; }

    public DateTimeOffset? FirstSeen { get; init; }

    public DateTimeOffset? LastSeen { get; init; }

    public required string Rulebook { get; init; }

    /// <summary>Events whose amounts count in no sum, by currency.</summary>
    public IReadOnlyList<ExplainedLeftOut> LeftOut { get; init; } = [];

    /// <summary>What every rule comes to, in the order of the rulebook.</summary>
    public required IReadOnlyList<ExplainedOutcome> Outcomes { get; init; }
}

/// <summary>A tag that the customer holds.</summary>
internal sealed record ExplainedTag(string Key, DateTimeOffset Since);

/// <param name="Value">Null when the rule calls for no tag.</param>
internal sealed record ExplainedOutcome(string Key, string Category, JsonElement? Value, DateTimeOffset? ChangesAt, ChangeReason Reason);

/// <param name="Events">How many events have amounts in that currency, for which the rulebook has no rate.</param>
internal sealed record ExplainedLeftOut(string Currency, long Events);
