using System.Collections.Immutable;
using NodaTime;

namespace TaggingPipeline.Processing.Subscriptions;

/// <summary>One request to a subscriber, and what came of it.</summary>
public sealed record DeliveryAttempt
{
    /// <summary>When it was sent.</summary>
    public required Instant At { get; init; }

    /// <summary>The header <c>webhook-id</c>.</summary>
    public required string MessageId { get; init; }

    /// <summary>Ids of the changes that it carried; none for a test.</summary>
    public required ImmutableArray<string> Changes { get; init; }

    /// <summary>The position of the last of them; 0 for a test.</summary>
    public required long Position { get; init; }

    /// <summary>1 for the first, within one process.</summary>
    public required int Attempt { get; init; }

    /// <summary>The status of the answer; null if there was none.</summary>
    public int? Status { get; init; }

    public required int DurationMilliseconds { get; init; }

    /// <summary>Why it counts as failed; null for a success.</summary>
    public string? Error { get; init; }

    public bool Equals(DeliveryAttempt? other) =>
        other is not null && (At, MessageId, Position, Attempt, Status, DurationMilliseconds, Error)
        == (other.At, other.MessageId, other.Position, other.Attempt, other.Status, other.DurationMilliseconds, other.Error)
        && Changes.SequenceEqual(other.Changes);

    public override int GetHashCode() => HashCode.Combine(At, MessageId, Attempt);
}
