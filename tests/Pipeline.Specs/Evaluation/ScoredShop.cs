using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

/// <summary>Rulebooks that score customers against the population.</summary>
internal static class ScoredShop
{
    public const string Text = """
        rulebook: scored-shop
        tags:
          - { key: rank, category: value, value: quintile(sum(purchase.total)) }
          - { key: spent, category: value, value: sum(purchase.total) }
        segments:
          - { key: best, when: tag(rank) = 5 }
        """;

    public static Rulebook Rulebook { get; } = Compile(Text);

    /// <summary>Another number is scored, by the measures of <see cref="Rulebook"/>.</summary>
    public static Rulebook SameMeasures { get; } = Compile(Text.Replace("quintile(sum(purchase.total))", "quintile(sum(purchase.total) * 2)", StringComparison.Ordinal));

    /// <summary>Another number is scored, by other measures.</summary>
    public static Rulebook OtherMeasures { get; } = Compile(Text.Replace("quintile(sum(purchase.total))", "quintile(max(purchase.total))", StringComparison.Ordinal));

    private static Rulebook Compile(string yaml) =>
        RulebookFile.Compile(yaml) is { Rulebook: { } rulebook } ? rulebook : throw new InvalidOperationException(string.Join('\n', RulebookFile.Compile(yaml).Errors));
}
