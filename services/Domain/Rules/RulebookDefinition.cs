using System.Collections.Immutable;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Rules;

/// <summary>A place in a rulebook file, counted from 1.</summary>
public readonly record struct SourcePosition(int Line, int Column)
{
    public override string ToString() => $"{Line}:{Column}";
}

/// <summary>A piece of a rulebook's text, with where it stands.</summary>
/// <param name="Text">The expression or name.</param>
/// <param name="At">The position of its first character in the file.</param>
/// <param name="LineStarts">For text over several lines of the file: the position of each further line's first character.</param>
public sealed record SourceText(string Text, SourcePosition At, ImmutableArray<SourcePosition> LineStarts = default)
{
    /// <summary>
    /// Offsets in <see cref="Text"/>, ascending, at which the file has a character more than the text: an escape such as <c>\"</c> in a
    /// quoted YAML value. One that has several more is there as often.
    /// </summary>
    public ImmutableArray<int> Escapes { get; init; } = [];

    /// <summary>Right after the last character.</summary>
    public SourcePosition End => PositionOf(Text.TrimEnd().Length);

    /// <summary>Where the character at that offset stands in the file.</summary>
    public SourcePosition PositionOf(int offset)
    {
        var (line, start) = (0, 0);
        for (var i = 0; i < offset && i < Text.Length; i++)
        {
            if (Text[i] == '\n')
                (line, start) = (line + 1, i + 1);
        }

        var first = line == 0 || LineStarts.IsDefaultOrEmpty ? At : LineStarts[Math.Min(line, LineStarts.Length) - 1];
        var escaped = Escapes.Count(escape => escape > start && escape <= offset);
        return first with { Column = first.Column + offset - start + escaped };
    }
}

/// <summary>A rulebook as it is written: names and expressions, nothing checked.</summary>
public sealed record RulebookDefinition
{
    public required SourceText Name { get; init; }

    /// <summary>IANA id of the zone whose calendar days are meant; UTC where none is given.</summary>
    public required SourceText TimeZone { get; init; }

    /// <summary>Kinds of events by name, where they differ from the usual ones.</summary>
    public required ImmutableArray<EventDefinition> Events { get; init; }

    public required ImmutableArray<TagDefinition> Tags { get; init; }

    public required ImmutableArray<SegmentDefinition> Segments { get; init; }

    /// <summary>The currency in which amounts are reckoned, such as EUR; null where amounts are taken as they are.</summary>
    public SourceText? Currency { get; init; }

    /// <summary>What one unit of other currencies is worth in it.</summary>
    public ImmutableArray<RateDefinition> Rates { get; init; } = [];

    /// <summary>How often the population is looked at anew, as a duration; once a day where none is given.</summary>
    public SourceText? PopulationEvery { get; init; }

    internal FactLimits Limits { get; init; } = FactLimits.Usual;
}

/// <summary>An event name and the kind it shall have: purchase, order-updated, order-refunded, order-cancelled, browse or interaction.</summary>
public sealed record EventDefinition(SourceText Name, SourceText Kind);

/// <summary>A currency and what one unit of it is worth in the rulebook's: a number.</summary>
public sealed record RateDefinition(SourceText Currency, SourceText Rate);

/// <summary>One tag rule; exactly one of <see cref="When"/>, <see cref="Tiers"/>, <see cref="Value"/> and <see cref="Manual"/> is given.</summary>
public sealed record TagDefinition
{
    public required SourceText Key { get; init; }

    /// <summary>For people; the key where none is given.</summary>
    public SourceText? Name { get; init; }

    /// <summary>basic, behaviour, interest or value.</summary>
    public required SourceText Category { get; init; }

    /// <summary>The tag is held while this condition holds.</summary>
    public SourceText? When { get; init; }

    /// <summary>The tag's value is the name of the first condition that holds. Empty if the tag has no tiers.</summary>
    public ImmutableArray<TierDefinition> Tiers { get; init; } = [];

    /// <summary>The tag's value is what this comes to.</summary>
    public SourceText? Value { get; init; }

    /// <summary>The tag has no rule and is assigned by hand only.</summary>
    public ManualDefinition? Manual { get; init; }

    /// <summary>For people: what the tag is for.</summary>
    public SourceText? Description { get; init; }

    /// <summary>For people: who answers for it.</summary>
    public SourceText? Owner { get; init; }

    /// <summary><c>true</c> or <c>false</c>; enabled where it is not given.</summary>
    public SourceText? Enabled { get; init; }

    /// <summary>Names the tags of which a customer holds one at most.</summary>
    public SourceText? Group { get; init; }

    /// <summary>A duration, such as <c>7d</c>: for at least so long a value is kept.</summary>
    public SourceText? Hold { get; init; }

    /// <summary>A duration, such as <c>30d</c>: so long after it was assigned a value ends.</summary>
    public SourceText? Expires { get; init; }
}

/// <param name="Values">What can be assigned; empty for a tag that is only held or not.</param>
public sealed record ManualDefinition(ImmutableArray<SourceText> Values);

public sealed record TierDefinition(SourceText Name, SourceText Condition);

public sealed record SegmentDefinition(SourceText Key, SourceText? Name, SourceText When);

/// <summary>Something wrong with a rulebook.</summary>
/// <param name="Where">What it is in, such as <c>tag churn-risk</c>.</param>
/// <param name="Message">What is wrong, what was expected, and a near name if there is one.</param>
public sealed record RulebookError(SourcePosition At, string Where, string Message)
{
    /// <summary>Right after the last character of what is wrong; <see cref="At"/> where something is missing or only the start is known.</summary>
    public SourcePosition End { get; init; } = At;

    public override string ToString() => $"{At}: {Where}: {Message}";
}
