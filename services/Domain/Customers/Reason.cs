using System.Collections.Immutable;
using TaggingPipeline.Domain.Events;

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
/// <param name="Text">The clause as the rulebook writes it; or a statement that compares nothing and found nothing, and holds.</param>
/// <param name="Actual">What was found.</param>
/// <param name="Threshold">What it was compared with; missing when the clause compares nothing.</param>
public readonly record struct Clause(string Text, Value Actual, Value Threshold, bool Holds)
{
    /// <summary>Something that decided and is no comparison, such as an option of the tag.</summary>
    public static Clause Stating(string what) => new(what, Value.Missing, Value.Missing, true);

    public override string ToString() => this == Stating(Text) ? Text : Actual.Kind == ValueKind.Boolean && Threshold.IsMissing
        ? $"{Text} is {Actual}"
        : $"{Text}: found {Actual}{(Threshold.IsMissing ? "" : Holds ? ", which holds" : ", which does not hold")}";
}
