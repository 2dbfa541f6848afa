using System.Globalization;
using System.Text.RegularExpressions;

namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>What evaluators say of themselves.</summary>
public static partial class EvaluatorReports
{
    /// <summary>The numbers of the partitions that it takes care of, as it logged last; none before it did.</summary>
    public static IReadOnlyList<int> Share(this HostProcess evaluator) => ShareTaken().Matches(evaluator.Process.Output).LastOrDefault() is { } last
        ? [.. Numbers().Matches(last.Groups[1].Value).Select(number => int.Parse(number.Value, CultureInfo.InvariantCulture))]
        : [];

    /// <summary>Returns when each partition is in the share of exactly one of the evaluators, and each has as many as another, or one more.</summary>
    public static Task HaveDividedAllAsync(this IReadOnlyList<HostProcess> evaluators) => Eventually.HoldsAsync(
        $"{evaluators.Count} evaluators have divided the partitions", TimeSpan.FromSeconds(30), () =>
        {
            var shares = evaluators.Select(Share).ToList();
            return Task.FromResult(
                shares.SelectMany(share => share).Order().SequenceEqual(Enumerable.Range(1, 16)) && shares.Max(share => share.Count) - shares.Min(share => share.Count) <= 1);
        });

    /// <summary>A counter of the process.</summary>
    /// <param name="name">Without prefix and suffix, such as <c>committed</c>.</param>
    public static async Task<int> CountAsync(this HostProcess evaluator, string name)
    {
        var lines = (await evaluator.Client.GetStringAsync("/metrics")).Split('\n');
        return lines.FirstOrDefault(line => line.StartsWith($"tagging_evaluation_{name}_total ", StringComparison.Ordinal)) is { } line
            ? int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)
            : 0;
    }

    public static async Task<IReadOnlyList<int>> CountsAsync(this IReadOnlyList<HostProcess> evaluators, string name) =>
        await Task.WhenAll(evaluators.Select(evaluator => evaluator.CountAsync(name)));

    [GeneratedRegex("Takes care of partitions (.*), as one of")]
    private static partial Regex ShareTaken();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Numbers();
}
