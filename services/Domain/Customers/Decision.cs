using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Customers;

/// <summary>What the rules call for, compared with the tags held.</summary>
/// <param name="Tags">The tags after the changes.</param>
/// <param name="Changes">What differs from the tags held, by ascending sequence; empty when nothing does.</param>
/// <param name="ChangesAt">The earliest instant at which this decision would differ with no further event; null for never.</param>
public sealed record Decision(TagSet Tags, ImmutableArray<TagChange> Changes, Instant? ChangesAt)
{
    /// <summary>The facts to keep: those decided on, with the <see cref="Assignments"/> in them.</summary>
    public required CustomerFacts Facts { get; init; }

    /// <summary>What rules that depend on their own past have come to, and must be journaled.</summary>
    public ImmutableArray<TagAssignment> Assignments { get; init; } = [];

    /// <summary>The same, but that nobody is to be told: there are no changes, and they take no numbers.</summary>
    /// <param name="held">The tags that it was compared with.</param>
    public Decision Untold(TagSet held)
    {
        var sequences = held.States.ToDictionary(state => state.Key, state => state.KeySequence, StringComparer.Ordinal);
        var states = Tags.States.Select(state => new TagState(state.Key, state.Category, state.Value, state.Since, sequences.GetValueOrDefault(state.Key), state.ChangesAt));
        return this with { Tags = new TagSet(Tags.Rulebook, held.Sequence, states), Changes = [] };
    }
}

/// <summary>What one rule comes to for a customer, and why.</summary>
/// <param name="Value">Missing when the rule calls for no tag.</param>
/// <param name="ChangesAt">The earliest instant at which the value would differ with no further event; null for never.</param>
public sealed record RuleOutcome(string Key, string Category, Value Value, Reason Reason, Instant? ChangesAt);
