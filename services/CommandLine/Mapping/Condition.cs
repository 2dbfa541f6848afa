using System.Collections.Immutable;

namespace TaggingPipeline.CommandLine.Mapping;

/// <summary>Something that holds or does not hold for a row.</summary>
internal abstract record Condition
{
    private protected Condition()
    {
    }

    public abstract bool Holds(RowUnderMapping row);
}

internal enum TextTest { Is, In, StartsWith, EndsWith, Contains, Empty, NotEmpty }

/// <summary>A column's text compared with others, by ordinal and case.</summary>
/// <param name="Texts">What it is compared with: one text, or several for <see cref="TextTest.In"/>; none for emptiness.</param>
internal sealed record TextCondition(int Column, TextTest Test, ImmutableArray<string> Texts) : Condition
{
    public override bool Holds(RowUnderMapping row)
    {
        var text = row.Text(Column);
        return Test switch
        {
            TextTest.Is or TextTest.In => Texts.Contains(text, StringComparer.Ordinal),
            TextTest.StartsWith => text.StartsWith(Texts[0], StringComparison.Ordinal),
            TextTest.EndsWith => text.EndsWith(Texts[0], StringComparison.Ordinal),
            TextTest.Contains => text.Contains(Texts[0], StringComparison.Ordinal),
            TextTest.Empty => string.IsNullOrWhiteSpace(text),
            _ => !string.IsNullOrWhiteSpace(text),
        };
    }
}

internal enum NumberTest { Above, AtLeast, Below, AtMost, Equals }

/// <summary>A number compared with a bound; does not hold where there is no number.</summary>
internal sealed record NumberCondition(Amount Amount, NumberTest Test, decimal Bound) : Condition
{
    public override bool Holds(RowUnderMapping row) => Amount.Of(row) is { } number && Test switch
    {
        NumberTest.Above => number > Bound,
        NumberTest.AtLeast => number >= Bound,
        NumberTest.Below => number < Bound,
        NumberTest.AtMost => number <= Bound,
        _ => number == Bound,
    };
}

internal sealed record AllCondition(ImmutableArray<Condition> Conditions) : Condition
{
    public override bool Holds(RowUnderMapping row) => Conditions.All(condition => condition.Holds(row));
}

internal sealed record AnyCondition(ImmutableArray<Condition> Conditions) : Condition
{
    public override bool Holds(RowUnderMapping row) => Conditions.Any(condition => condition.Holds(row));
}

internal sealed record NotCondition(Condition Operand) : Condition
{
    public override bool Holds(RowUnderMapping row) => !Operand.Holds(row);
}
