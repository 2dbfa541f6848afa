using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Processing.Customers;

/// <summary>One customer, as stored.</summary>
public sealed record CustomerDocument
{
    public required string Customer { get; init; }

    /// <summary>1 when first stored, one more with every save.</summary>
    public required long Version { get; init; }

    /// <summary>The instant for which it was last settled and decided.</summary>
    public required Instant EvaluatedAt { get; init; }

    /// <summary>When it wants to be decided again though nothing happened; null for never.</summary>
    public Instant? WakesAt { get; init; }

    public required StoredFacts Facts { get; init; }

    public required TagSet Tags { get; init; }

    /// <summary>The <see cref="Domain.Rules.Rulebook.Number"/> of the rulebook that decided it; it never becomes less. 0 for one that was not published.</summary>
    public long RulebookNumber { get; init; }

    /// <summary>Ids of events that are in the facts and may not be in the journal yet, sorted by ordinal.</summary>
    public required ImmutableArray<string> Applied { get; init; }

    /// <summary>
    /// Events that were made when this customer was decided, are in the facts, and are not known to be in the journal. Nobody sends them again, so they stay here until
    /// they are.
    /// </summary>
    public ImmutableArray<JournaledEvent> Unjournaled { get; init; } = [];

    /// <summary>What is not known to be published; null when everything is.</summary>
    public Outbox? Outbox { get; init; }
}

/// <summary>What a customer document still has to tell.</summary>
/// <param name="Revision">The document's version when this was last added to.</param>
/// <param name="DecidedAt">The instant of that decision.</param>
/// <param name="Cause">The cause of that decision.</param>
/// <param name="Changes">By ascending sequence; may be empty, for a new customer or a changed trait.</param>
public sealed record Outbox(long Revision, Instant DecidedAt, ChangeCause Cause, ImmutableArray<TagChange> Changes)
{
    /// <summary>The run that made that decision; null where none did.</summary>
    public string? Run { get; init; }

    /// <summary>Whether what follows from the state, such as memberships, is brought up to date without telling subscribers.</summary>
    public bool IsQuiet { get; init; }

    public bool Equals(Outbox? other) =>
        other is not null && Revision == other.Revision && DecidedAt == other.DecidedAt && Cause == other.Cause && Run == other.Run && IsQuiet == other.IsQuiet
        && Changes.AsSpan().SequenceEqual(other.Changes.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Revision, Changes.Length);
}
