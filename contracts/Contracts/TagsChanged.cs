using System.Text.Json;

namespace TaggingPipeline.Contracts;

/// <summary>What became of customers that were decided together: one message carries many of them.</summary>
/// <remarks>Delivered at least once and in any order; each part stands for itself.</remarks>
public sealed record TagsChangedBatch
{
    /// <summary>At most one part for a customer.</summary>
    public required IReadOnlyList<TagsChanged> Customers { get; init; }
}

/// <summary>One customer's tags, and what changed since they were told before: all that projection needs.</summary>
/// <remarks>
/// <see cref="Revision"/> grows whenever a customer is told of, so an older one that comes late is
/// recognised; <see cref="Changes"/> are numbered without gaps, so a missing one is too. There may be no changes: the
/// customer is new, or a trait that segments use changed.
/// </remarks>
public sealed record TagsChanged
{
    public required string CustomerId { get; init; }

    /// <summary>The version of the customer document that this message tells of.</summary>
    public required long Revision { get; init; }

    /// <summary>The number of the customer's last tag change.</summary>
    public required long Sequence { get; init; }

    /// <summary>The instant for which the tags were decided.</summary>
    public required DateTimeOffset DecidedAt { get; init; }

    /// <summary>What made the customer be decided: <c>event</c>, <c>time</c>, <c>rulebook</c>, <c>replay</c>, <c>merge</c> or <c>erasure</c>.</summary>
    public required string Cause { get; init; }

    /// <summary>The run that decided, such as a replay; null where none did.</summary>
    public string? Run { get; init; }

    /// <summary>Whether subscribers are not told of what follows from this: views and memberships are brought up to date, and that is all. There are no changes then.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>Name and version of the rulebook that decided, and the snapshot of the population where it scores by one: <c>shop@1f3a9c02b7d4/p42</c>.</summary>
    public required string Rulebook { get; init; }

    /// <summary>Changes not known to be published yet, by ascending sequence.</summary>
    public required IReadOnlyList<TagChanged> Changes { get; init; }

    /// <summary>All tags the customer holds.</summary>
    public required IReadOnlyList<HeldTag> Tags { get; init; }

    /// <summary>All traits, by name.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Traits { get; init; }
}

/// <summary>A tag that a customer holds.</summary>
public sealed record HeldTag
{
    public required string Key { get; init; }

    public required string Category { get; init; }

    /// <summary>Text, a number, an instant (RFC 3339 text), or <c>true</c> for a tag that is only held or not.</summary>
    public required JsonElement Value { get; init; }

    public required DateTimeOffset Since { get; init; }
}

/// <summary>One tag of one customer went from a value to another.</summary>
public sealed record TagChanged
{
    /// <summary>Stays the same when the change is delivered again.</summary>
    public required string Id { get; init; }

    /// <summary>Per customer, from 1, without gaps.</summary>
    public required long Sequence { get; init; }

    /// <summary>Per customer and key, from 1, without gaps.</summary>
    public required long KeySequence { get; init; }

    public required string Key { get; init; }

    public required string Category { get; init; }

    /// <summary>Null when the tag was not held before.</summary>
    public JsonElement? Previous { get; init; }

    /// <summary>Null when the tag is held no longer.</summary>
    public JsonElement? Value { get; init; }

    /// <summary>The instant for which the change was decided.</summary>
    public required DateTimeOffset At { get; init; }

    public required string Cause { get; init; }

    /// <summary>The run that made it, such as a replay; null where none did.</summary>
    public string? Run { get; init; }

    public required string Rulebook { get; init; }

    /// <summary>When this will change again if nothing more happens; null for never.</summary>
    public DateTimeOffset? ChangesAt { get; init; }

    public required ChangeReason Reason { get; init; }
}

/// <summary>Why a tag has its value, or a segment its member.</summary>
public sealed record ChangeReason
{
    /// <summary>For a person to read.</summary>
    public required string Text { get; init; }

    public required IReadOnlyList<ReasonClause> Clauses { get; init; }

    /// <summary>Ids of events that counted, the latest five at most.</summary>
    public required IReadOnlyList<string> Events { get; init; }
}

/// <summary>One comparison of a rule with what it found.</summary>
public sealed record ReasonClause
{
    /// <summary>The clause as the rulebook writes it.</summary>
    public required string Text { get; init; }

    /// <summary>The value found; null when there is none.</summary>
    public JsonElement? Actual { get; init; }

    /// <summary>What it was compared with; null when the clause compares nothing.</summary>
    public JsonElement? Threshold { get; init; }

    public required bool Holds { get; init; }

    /// <summary>What was found and what becomes of it, for a person to read: <c>4 of 5 browses, the oldest leaves the window on 3 December 2026 14:02</c>. Times are of the rulebook's zone.</summary>
    public string? Note { get; init; }
}
