using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Customers;

/// <summary>What made a customer be decided.</summary>
public enum ChangeCause : byte { Event, Time, Rulebook, Replay, Merge, Erasure }

/// <summary>Where one tag of one customer stands.</summary>
/// <remarks>Two words wide, since each decision copies the states of all tags: what changes with the value is shared for as long as it stands.</remarks>
public readonly record struct TagState : IDue
{
    private readonly Standing _standing;

    public TagState(string key, string category, Value value, Instant since, long keySequence, Instant? changesAt)
        : this(new(key, category, value, since, keySequence), changesAt?.ToUnixTimeMilliseconds() ?? long.MaxValue)
    {
    }

    private TagState(Standing standing, long due)
    {
        _standing = standing;
        Due = due;
    }

    public string Key => _standing.Key;

    public string Category => _standing.Category;

    /// <summary>Missing when the tag is not held; <see cref="Value.True"/> for a tag that is only held or not.</summary>
    public Value Value => _standing.Value;

    /// <summary>When it came to this value; the Unix epoch for a tag never held.</summary>
    public Instant Since => _standing.Since;

    /// <summary>How often it changed.</summary>
    public long KeySequence => _standing.KeySequence;

    /// <summary>The earliest instant at which the value would differ with no further event; null for never.</summary>
    public Instant? ChangesAt => Due == long.MaxValue ? null : Instant.FromUnixTimeMilliseconds(Due);

    public bool IsHeld => !Value.IsMissing;

    /// <summary><see cref="ChangesAt"/> in milliseconds since the Unix epoch, for every decision looks at it; the largest for never.</summary>
    internal long Due { get; }

    long IDue.Due => Due;

    internal TagState ChangingAt(long due) => new(_standing, due);

    internal TagState In(string category) => new(_standing with { Category = category }, Due);

    internal TagState Changed(Value value, Instant at, long due) => new(_standing with { Value = value, Since = at, KeySequence = KeySequence + 1 }, due);

    private sealed record Standing(string Key, string Category, Value Value, Instant Since, long KeySequence);
}

/// <summary>All tags of one customer, held or not, as they were last decided.</summary>
/// <remarks>Immutable. In the order of the rulebook that decided; after that, tags of earlier rulebooks, which are not held.</remarks>
public sealed record TagSet
{
    public TagSet(string rulebook, long sequence, IEnumerable<TagState> states)
        : this(rulebook, sequence, DueList<TagState>.Of([.. states]))
    {
    }

    internal TagSet(string rulebook, long sequence, DueList<TagState> states) => (Rulebook, Sequence, Standing) = (rulebook, sequence, states);

    public static TagSet Empty { get; } = new("", 0, []);

    /// <summary>What the rulebook that decided <see cref="Rules.Rulebook.DecidesAs">decides as</see>; empty before the first decision.</summary>
    public string Rulebook { get; init; }

    /// <summary>The number of the last change.</summary>
    public long Sequence { get; init; }

    public IReadOnlyList<TagState> States => Standing;

    internal DueList<TagState> Standing { get; }

    /// <summary>The facts that these tags were decided from, while they are at hand: rules that look at nothing else since need no second look.</summary>
    internal CustomerFacts? DecidedFrom { get; init; }

    /// <summary>Places of the rules whose next change was not foreseen, which the next decision looks at again whatever it was decided from.</summary>
    internal ImmutableArray<int> Unforeseen { get; init; } = [];

    /// <summary>The earliest instant at which a tag changes with no further event; null for never.</summary>
    public Instant? ChangesAt => Standing.Due == long.MaxValue ? null : Instant.FromUnixTimeMilliseconds(Standing.Due);

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
        other is not null && Rulebook == other.Rulebook && Sequence == other.Sequence && States.SequenceEqual(other.States);

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
    string Rulebook, Reason Reason, Instant? ChangesAt)
{
    /// <summary>The run that made it, such as a replay; null where none did.</summary>
    public string? Run { get; init; }
}
