using System.Collections.Immutable;

namespace TaggingPipeline.Domain.Rules.Language;

/// <summary>The words with a meaning of their own in expressions.</summary>
public static class Vocabulary
{
    /// <summary>Words that cannot be names of one part; after a dot, and as key of a tag, they can.</summary>
    public static ImmutableArray<string> Keywords { get; } = ["and", "or", "not", "in", "if", "else", "true", "false", "now"];

    /// <summary>What the first argument of an aggregate starts with.</summary>
    public static ImmutableArray<string> EventKinds { get; } = ["purchase", "browse", "interaction", "profile", "identity", "event"];

    /// <summary>The functions whose first argument is events.</summary>
    public static ImmutableArray<string> Aggregates { get; } =
        ["count", "sum", "avg", "min", "max", "distinct", "top", "first", "last", "exists", "none"];

    /// <summary>All other functions.</summary>
    public static ImmutableArray<string> Functions { get; } =
    [
        "since", "days_between", "days", "hours", "age", "days_to_birthday", "round", "start_of_day", "end_of_day", "coalesce", "quintile", "percentile",
        "lower", "upper", "contains", "starts_with", "ends_with", "matches",
    ];
}
