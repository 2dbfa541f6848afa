using System.Collections.Immutable;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Specs.Naive;

/// <summary>The rules of a definition as trees, by key.</summary>
public sealed record NaiveRules(
    IReadOnlyDictionary<string, (ImmutableArray<(Value Value, Syntax Condition)> Tiers, Syntax? Value)> Tags, IReadOnlyDictionary<string, Syntax> Segments)
{
    /// <summary>The values of all customers in ascending order, by argument as a tree; one that is not there is covered by no snapshot.</summary>
    public IReadOnlyDictionary<string, decimal[]> Populations { get; init; } = new Dictionary<string, decimal[]>();

    public static NaiveRules Of(RulebookDefinition definition) => new(
        definition.Tags.ToDictionary(tag => tag.Key.Text, tag => (
            tag.When is { } when ? [(Value.True, Read(when))] : tag.Tiers.Select(tier => (Value.Of(tier.Name.Text), Read(tier.Condition))).ToImmutableArray(),
            tag.Value is { } value ? Read(value) : null)),
        definition.Segments.ToDictionary(segment => segment.Key.Text, segment => Read(segment.When)));

    private static Syntax Read(SourceText text) => Parser.Parse(text.Text).Root!;
}
