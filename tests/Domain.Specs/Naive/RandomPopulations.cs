using TaggingPipeline.Domain.Populations;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Domain.Specs.Language;

namespace TaggingPipeline.Domain.Specs.Naive;

/// <summary>Random values of other customers, coarse and few, so that ties and populations of nobody, one and two are common.</summary>
public static class RandomPopulations
{
    /// <summary>By the argument's text; some are left out.</summary>
    public static Dictionary<string, decimal[]> Of(Random random, Rulebook rulebook) =>
        rulebook.PopulationArguments.Where(_ => random.Next(8) > 0).ToDictionary(argument => argument, _ => Values(random));

    public static PopulationSnapshot SnapshotOf(long number, IReadOnlyDictionary<string, decimal[]> populations) =>
        new(number, RandomCustomers.Start, [.. populations.Select(population => PopulationFigures.Of(population.Key, [.. population.Value]))]);

    /// <summary>The same by the argument as a tree and in ascending order, as the naive evaluator looks for them.</summary>
    public static Dictionary<string, decimal[]> ByTree(IReadOnlyDictionary<string, decimal[]> populations) =>
        populations.GroupBy(population => TreeText.Of(Parser.Parse(population.Key).Root)).ToDictionary(tree => tree.Key, tree => tree.Last().Value.Order().ToArray());

    public static decimal[] Values(Random random)
    {
        var most = new[] { 3, 12, 60, 600 }[random.Next(4)];
        return [.. Enumerable.Range(0, random.Next(3) == 0 ? random.Next(3) : random.Next(60)).Select(_ => random.Next(-most / 4, most) / (random.Next(3) == 0 ? 4m : 1m))];
    }
}
