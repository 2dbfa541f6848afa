using System.Collections.Immutable;
using NodaTime;

namespace TaggingPipeline.Processing.Subscriptions;

/// <summary>Whether changes are delivered to a subscriber, and if not, who stopped it.</summary>
public enum SubscriptionState : byte
{
    Active,

    /// <summary>By a person.</summary>
    Paused,

    /// <summary>By the subscriber, who answered that the address is gone for good (410).</summary>
    Disabled,

    /// <summary>By the pipeline, after it had tried for long enough.</summary>
    Parked,
}

/// <summary>A webhook: who wants to be told of which changes, and how far that has come.</summary>
public sealed record Subscription
{
    public required string Id { get; init; }

    /// <summary>Any number, the same for as long as it is stored: one that is removed and added again under its id has another.</summary>
    public long Incarnation { get; init; }

    /// <summary>1 when first stored, one more with every save.</summary>
    public required long Version { get; init; }

    public required WebhookTerms Terms { get; init; }

    /// <summary>What deliveries are signed with, the newest first; those that have ended may still be here.</summary>
    public required ImmutableArray<SigningSecret> Secrets { get; init; }

    public required Instant CreatedAt { get; init; }

    public required SubscriptionState State { get; init; }

    /// <summary>Why it is in that state; null for active.</summary>
    public string? Reason { get; init; }

    /// <summary>Since when it is in that state.</summary>
    public required Instant StateSince { get; init; }

    /// <summary>Every change up to this position of the feed is delivered, or not asked for.</summary>
    public required long Position { get; init; }

    /// <summary>Behind <see cref="Position"/> every change up to this one is delivered too, or not asked for, but those that are <see cref="Waiting"/>.</summary>
    public long ReadTo { get; init; }

    /// <summary>Positions from <see cref="Position"/> to <see cref="ReadTo"/> that are not delivered yet, ascending.</summary>
    public ImmutableArray<long> Waiting { get; init; } = [];

    /// <summary>One more whenever a person changes from where on, or which, changes are delivered: how far it had come before does not count any more.</summary>
    public long Moves { get; init; }

    /// <summary>One more whenever a person changes what or from where is delivered: whoever delivers under an earlier number starts again.</summary>
    public required long Run { get; init; }

    /// <summary>Since when something that is still to be delivered has failed; null while nothing fails.</summary>
    public Instant? FailingSince { get; init; }

    public bool Equals(Subscription? other) =>
        other is not null && (Id, Incarnation, Version, CreatedAt, State, Reason, StateSince) == (other.Id, other.Incarnation, other.Version, other.CreatedAt, other.State, other.Reason, other.StateSince)
        && (Position, ReadTo, Moves, Run, FailingSince) == (other.Position, other.ReadTo, other.Moves, other.Run, other.FailingSince)
        && Waiting.SequenceEqual(other.Waiting)
        && Terms == other.Terms && Secrets.SequenceEqual(other.Secrets);

    public override int GetHashCode() => HashCode.Combine(Id, Version);

    /// <summary>The subscription to be delivered from a position on, whatever was delivered behind it.</summary>
    public Subscription From(long position) => this with { Position = position, ReadTo = position, Waiting = [], Moves = Moves + 1, FailingSince = null, Run = Run + 1 };

    /// <summary>The subscription with what it wants now. Another filter holds for everything behind the position, so that nothing it newly asks for is left out.</summary>
    public Subscription With(WebhookTerms terms) => (terms.Filter == Terms.Filter ? this with { FailingSince = null, Run = Run + 1 } : From(Position)) with { Terms = terms };

    /// <summary>The subscription in another state, to be delivered anew from where it is.</summary>
    public Subscription In(SubscriptionState state, string? reason, Instant now) => this with
    {
        State = state,
        Reason = reason,
        StateSince = state == State ? StateSince : now,
        FailingSince = state == SubscriptionState.Active ? null : FailingSince,
        Run = Run + 1,
    };
}
