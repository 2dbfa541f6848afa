using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Customers;

/// <summary>What made a customer be decided.</summary>
public enum ChangeCause : byte { Event, Time, Rulebook, Replay, Merge, Erasure }

/// <summary>Where one tag of one customer stands.</summary>
/// <param name="Value">Missing when the tag is not held; <see cref="Value.True"/> for a tag that is only held or not.</param>
/// <param name="Since">When it came to this value; the Unix epoch for a tag never held.</param>
/// <param name="KeySequence">How often it changed.</param>
/// <param name="ChangesAt">The earliest instant at which the value would differ with no further event; null for never.</param>
public sealed record TagState(string Key, string Category, Value Value, Instant Since, long KeySequence, Instant? ChangesAt)
{
    /// <summary>In milliseconds since the Unix epoch, for every decision looks at it; the largest for never.</summary>
    internal long Due { get; private init; } = DueAt(ChangesAt);

    public Instant? ChangesAt
    {
        get => Due == long.MaxValue ? null : Instant.FromUnixTimeMilliseconds(Due);
        init => Due = DueAt(value);
    }

    public bool IsHeld => !Value.IsMissing;

    private static long DueAt(Instant? instant) => instant?.ToUnixTimeMilliseconds() ?? long.MaxValue;
}

/// <summary>All tags of one customer, held or not, as they were last decided.</summary>
/// <remarks>Immutable. In the order of the rulebook that decided; after that, tags of earlier rulebooks, which are not held.</remarks>
/// <param name="Rulebook">Version of the rulebook that decided; empty before the first decision.</param>
/// <param name="Sequence">The number of the last change.</param>
public sealed record TagSet(string Rulebook, long Sequence, ImmutableArray<TagState> States)
{
    public static TagSet Empty { get; } = new("", 0, []);

    /// <summary>The facts that these tags were decided from, while they are at hand: rules that look at nothing else since need no second look.</summary>
    internal CustomerFacts? DecidedFrom { get; init; }

    /// <summary>The earliest instant at which a tag changes with no further event; null for never.</summary>
    public Instant? ChangesAt => States.Min(state => state.ChangesAt);

    /// <summary>The tags that are held.</summary>
    public IEnumerable<TagState> Held => States.Where(state => state.IsHeld);

    /// <summary>The value of a tag, or missing.</summary>
    public Value this[string key]
    {
        get
        {
            foreach (var state in States)
            {
                if (state.Key == key)
                    return state.Value;
            }

            return Value.Missing;
        }
    }

    public bool Equals(TagSet? other) =>
        other is not null && Rulebook == other.Rulebook && Sequence == other.Sequence && States.AsSpan().SequenceEqual(other.States.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Rulebook, Sequence);
}

/// <summary>One tag of one customer went from a value to another.</summary>
/// <param name="Sequence">Per customer, from 1, without gaps.</param>
/// <param name="KeySequence">Per customer and key, from 1, without gaps.</param>
/// <param name="Previous">Missing when the tag was not held before.</param>
/// <param name="Value">Missing when the tag is held no longer.</param>
/// <param name="At">The instant for which it was decided.</param>
/// <param name="ChangesAt">When it will change again if nothing more happens; null for never.</param>
public sealed record TagChange(
    long Sequence, long KeySequence, string Key, string Category, Value Previous, Value Value, Instant At, ChangeCause Cause,
    string Rulebook, Reason Reason, Instant? ChangesAt);
