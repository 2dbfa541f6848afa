using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Processing.Projections;

/// <summary>One customer as projection knows them: tags, traits and segment memberships.</summary>
public sealed record CustomerView
{
    public required string Customer { get; init; }

    /// <summary>1 when first stored, one more with every save.</summary>
    public required long Version { get; init; }

    /// <summary>The revision of the newest message seen.</summary>
    public required long Revision { get; init; }

    /// <summary>The number of the last tag change seen; none before it is missing.</summary>
    public required long TagSequence { get; init; }

    /// <summary>The number of the last segment change.</summary>
    public required long SegmentSequence { get; init; }

    /// <summary>Version of the rulebook whose segments the memberships are of.</summary>
    public required string Rulebook { get; init; }

    /// <summary>The number under which that rulebook was published; it never becomes less. 0 for one that was not.</summary>
    public long RulebookNumber { get; init; }

    /// <summary>The tags held, by key (ordinal).</summary>
    public required ImmutableArray<ViewedTag> Tags { get; init; }

    public required PropertyBag Traits { get; init; }

    /// <summary>Segments the customer is or was in, by key (ordinal).</summary>
    public required ImmutableArray<Membership> Memberships { get; init; }

    public bool Equals(CustomerView? other) =>
        other is not null && Customer == other.Customer && Version == other.Version && Revision == other.Revision
        && TagSequence == other.TagSequence && SegmentSequence == other.SegmentSequence && Rulebook == other.Rulebook
        && RulebookNumber == other.RulebookNumber
        && Tags.AsSpan().SequenceEqual(other.Tags.AsSpan()) && Traits.Equals(other.Traits)
        && Memberships.AsSpan().SequenceEqual(other.Memberships.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Customer, Version);
}

public readonly record struct ViewedTag(string Key, string Category, Value Value, Instant Since);

/// <param name="IsMember">False for a segment that the customer left.</param>
/// <param name="Since">When the customer entered, or left; never before the change that came before.</param>
/// <param name="KeySequence">How often it changed.</param>
/// <param name="Quiet">How often it changed besides without anybody being told, by a replay that was to tell nobody.</param>
public readonly record struct Membership(string Segment, bool IsMember, Instant Since, long KeySequence, long Quiet = 0)
{
    /// <summary>Numbers the crossings of this customer and segment in the history, told or not, from 1 without gaps.</summary>
    public long Crossings => KeySequence + Quiet;
}
