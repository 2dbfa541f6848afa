using System.Collections.Immutable;
using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Processing.Subscriptions;

/// <summary>How a change is written for a subscriber.</summary>
public enum PayloadShape : byte
{
    /// <summary>The envelope of the contracts.</summary>
    CloudEvents,

    /// <summary>Calls of Segment's tracking API.</summary>
    Segment,
}

/// <summary>What a subscriber asks for.</summary>
public sealed record WebhookTerms
{
    public const int MaxConcurrency = 64;
    public const int MaxBatchSize = 100;
    public const int MaxTimeoutSeconds = 60;

    /// <summary>An absolute http or https address.</summary>
    public required string Address { get; init; }

    public ChangeFilter Filter { get; init; } = ChangeFilter.Everything;

    /// <summary>Names of traits that come with every change.</summary>
    public ImmutableArray<string> Traits { get; init; } = [];

    public PayloadShape Shape { get; init; }

    /// <summary>How many requests may be under way at once: 1 to <see cref="MaxConcurrency"/>.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>How many changes one request may carry: 1 to <see cref="MaxBatchSize"/>.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>How long an answer may take: 1 to <see cref="MaxTimeoutSeconds"/>.</summary>
    public int TimeoutSeconds { get; init; } = 15;

    public bool Equals(WebhookTerms? other) =>
        other is not null && (Address, Shape, Concurrency, BatchSize, TimeoutSeconds) == (other.Address, other.Shape, other.Concurrency, other.BatchSize, other.TimeoutSeconds)
        && Filter == other.Filter && Traits.SequenceEqual(other.Traits);

    public override int GetHashCode() => HashCode.Combine(Address, Shape, Concurrency, BatchSize);
}
