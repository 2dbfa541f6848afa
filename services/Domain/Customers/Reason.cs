using System.Collections.Immutable;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Expressions;

namespace TaggingPipeline.Domain.Customers;

/// <summary>Why a rule came out as it did.</summary>
/// <param name="Clauses">The comparisons that decided, in the order of the rule.</param>
/// <param name="Events">Ids of events that counted: the latest five at most, newest first.</param>
public sealed record Reason(ImmutableArray<Clause> Clauses, ImmutableArray<string> Events)
{
    public static Reason None { get; } = new([], []);

    /// <summary>For a person to read.</summary>
    public string Text => Clauses.IsEmpty ? "no rule calls for it any longer" : string.Join("; ", Clauses);

    public bool Equals(Reason? other) =>
        other is not null && Clauses.AsSpan().SequenceEqual(other.Clauses.AsSpan()) && Events.AsSpan().SequenceEqual(other.Events.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Clauses.Length, Events.Length);
}

/// <summary>One comparison of a rule with what it found.</summary>
public readonly struct Clause : IEquatable<Clause>
{
    private readonly string? _note;
    private readonly Finding? _finding;

    public Clause(string text, Value actual, Value threshold, bool holds, string? note = null)
    {
        (Text, Actual, Threshold, Holds) = (text, actual, threshold, holds);
        _note = note;
    }

    internal Clause(string text, Value actual, Value threshold, bool holds, Finding? finding)
        : this(text, actual, threshold, holds) => _finding = finding;

    /// <summary>The clause as the rulebook writes it.</summary>
    public string Text { get; }

    /// <summary>What was found.</summary>
    public Value Actual { get; }

    /// <summary>What it was compared with; missing when the clause compares nothing.</summary>
    public Value Threshold { get; }

    public bool Holds { get; }

    /// <summary>
    /// What was found and what becomes of it, for a person to read, in the rulebook's zone: <c>4 of 5 browses, the oldest leaves the window on 3 December 2026
    /// 14:02</c>. Null where there is no more to say than what was found.
    /// </summary>
    public string? Note => _finding?.Write(Actual, Threshold, Holds) ?? _note;

    public bool Equals(Clause other) =>
        Text == other.Text && Actual == other.Actual && Threshold == other.Threshold && Holds == other.Holds && Note == other.Note;

    public override bool Equals(object? obj) => obj is Clause other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Text, Actual, Holds);

    /// <summary>Something that decided and is no comparison, such as an option of the tag: it found nothing, compares nothing, and holds.</summary>
    public static Clause Stating(string what) => new(what, Value.Missing, Value.Missing, true);

    public override string ToString() => Holds && Actual.IsMissing && Threshold.IsMissing ? Text : Actual.Kind == ValueKind.Boolean && Threshold.IsMissing
        ? $"{Text} is {Actual}{(Note is { } note ? $", {note}" : "")}"
        : $"{Text}: {Note ?? $"found {Actual}"}";

    public static bool operator ==(Clause left, Clause right) => left.Equals(right);

    public static bool operator !=(Clause left, Clause right) => !left.Equals(right);
}
