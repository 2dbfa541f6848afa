using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Populations;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.CommandLine.RuleTests;

/// <summary>Reads the population that a file's customers are scored against: <c>sum(purchase.total, 365d): [50, 100, 200, 400]</c>.</summary>
internal static class PopulationReader
{
    private const string Where = "population";
    private const string Expected = "a map of the numbers that are scored to their cuts, as in `sum(purchase.total, 365d): [50, 100, 200, 400]`";
    private const int Quantiles = 4;

    /// <summary>The rulebook with that population in force; as it is where none is given. What is wrong is reported.</summary>
    public static Rulebook PutInForce(YamlNode? population, TestNodes nodes, Rulebook rulebook)
    {
        var figures = ImmutableArray.CreateBuilder<PopulationFigures>();
        foreach (var (number, list) in nodes.Entries(population, Where, Expected))
        {
            var argument = rulebook.PopulationArguments.FirstOrDefault(known => RuleTestRun.OneLine(known) == RuleTestRun.OneLine(number.Text.Text));
            if (argument is null)
                nodes.Fail(number, Where, $"the rulebook scores no number that is written `{number.Text.Text}`: expected {NumbersOf(rulebook)}");
            if (CutsOf(list, nodes) is { } cuts && argument is not null)
                figures.Add(new(argument, cuts.Length, cuts));
        }

        return figures.Count == 0 ? rulebook : rulebook.With(new(Number: 1, Instant.FromUnixTimeSeconds(0), figures.ToImmutable()));
    }

    private static string NumbersOf(Rulebook rulebook) => rulebook.PopulationArguments.IsEmpty
        ? "none, since it has no `quintile(…)` and no `percentile(…)`"
        : string.Join(" or ", rulebook.PopulationArguments.Select(argument => $"`{RuleTestRun.OneLine(argument)}`"));

    /// <summary>All percentiles; where the four quantiles at 20, 40, 60 and 80 % are given, those in between lie in proportion.</summary>
    private static ImmutableArray<decimal>? CutsOf(YamlNode list, TestNodes nodes)
    {
        var given = list is YamlSequence items ? items.Items.Select(item => nodes.ValueOf(item, Where)).ToArray() : [];
        var isInOrder = given.All(cut => cut.Kind == ValueKind.Number) && given.Zip(given.Skip(1), (cut, next) => cut.AsNumber <= next.AsNumber).All(isBelow => isBelow);
        if (isInOrder && given.Length == PopulationFigures.Percentiles)
            return [.. given.Select(cut => cut.AsNumber)];
        if (isInOrder && given.Length == Quantiles)
            return [.. Enumerable.Range(1, PopulationFigures.Percentiles).Select(percent => Between(given, percent))];
        nodes.Fail(list, Where, "expected a list of numbers, none smaller than the one before: 4 for the quantiles at 20, 40, 60 and 80 %, or 99 for all percentiles");
        return null;
    }

    private static decimal Between(Value[] quantiles, int percent)
    {
        const int Step = 100 / (Quantiles + 1);
        var (below, part) = Math.DivRem(Math.Clamp(percent, Step, Step * Quantiles) - Step, Step);
        var lower = quantiles[below].AsNumber;
        return part == 0 ? lower : lower + ((quantiles[below + 1].AsNumber - lower) * part / Step);
    }
}
