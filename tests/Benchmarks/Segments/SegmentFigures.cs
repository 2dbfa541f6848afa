using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Benchmarks.Pipeline;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Storage.Sqlite;

namespace TaggingPipeline.Benchmarks.Segments;

/// <summary>Segments of a million customers over SQLite: how long a change of their definitions takes, and what reading them takes.</summary>
/// <remarks>
/// What to look at: customers a second, beside those that one process saves as they are; and the managed memory while a million members are exported, which must not
/// grow with them. The first definition lets nearly everybody enter; the changed one moves some, and leaves most where they are.
/// </remarks>
internal static class SegmentFigures
{
    private const int BatchSize = 2_000;
    private const string Everyone = "everyone";

    /// <param name="rulebook">Path of the benchmark's rulebook.</param>
    public static async Task RunAsync(string rulebook, int customers, TextWriter output)
    {
        var folder = Directory.CreateTempSubdirectory("tagging-benchmark-").FullName;
        try
        {
            var path = Path.Combine(folder, "store.db");
            var text = await File.ReadAllTextAsync(rulebook) + $"  - {{ key: {Everyone}, when: tag(value-tier) }}\n";
            var changed = text.Replace("in (high, middle)", "= high", StringComparison.Ordinal);
            await MeasureRolloverAsync(path, Compile(text), Compile(changed), customers, output);

            var changedPath = Path.Combine(folder, "changed.yaml");
            await File.WriteAllTextAsync(changedPath, changed);
            await using var pipeline = await RunningPipeline.StartAsync($"sqlite:{path}", changedPath);
            await SegmentReads.MeasureAsync(pipeline.Url, Everyone, output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureRolloverAsync(string path, Rulebook first, Rulebook changed, int customers, TextWriter output)
    {
        await using var services = new ServiceCollection().AddSqliteStorage(path).BuildServiceProvider();
        var (views, feed) = (services.GetRequiredService<ICustomerViews>(), services.GetRequiredService<IChangeFeed>());
        var started = Stopwatch.GetTimestamp();
        foreach (var batch in Enumerable.Range(0, customers).Chunk(BatchSize))
            await views.CommitAsync([.. batch.Select(number => new ViewCommit(SimulatedView.Of(number), 0, []))], CancellationToken.None);
        output.WriteLine($"SQLite, {customers:N0} views of {SimulatedView.Tags} tags:");
        Tell("saved as they are", customers, Stopwatch.GetElapsedTime(started), output);

        var current = new CurrentRulebook(first);
        var rollover = new SegmentRollover(views, current, new(current), TimeProvider.System);
        foreach (var (what, rules) in new[] { ("first definition", first), ("changed definition", changed), ("again", changed) })
        {
            current.Replace(rules);
            var before = await feed.NewestPositionAsync(CancellationToken.None);
            var processor = Environment.CpuUsage.TotalTime;
            started = Stopwatch.GetTimestamp();
            var rolled = await rollover.RunAsync(CancellationToken.None);
            var took = Stopwatch.GetElapsedTime(started);
            Tell($"{what}, {await feed.NewestPositionAsync(CancellationToken.None) - before:N0} changes", rolled, took, output);
            output.WriteLine($"    {(Environment.CpuUsage.TotalTime - processor).TotalSeconds:N1} s of processor time");
        }
    }

    private static void Tell(string what, int views, TimeSpan took, TextWriter output) =>
        output.WriteLine($"  {what,-45} {took.TotalSeconds,7:N1} s   {views / took.TotalSeconds,9:N0} views/s");

    private static Rulebook Compile(string text) => RulebookFile.Compile(text).Rulebook ?? throw new InvalidOperationException("The benchmark's rulebook does not compile.");
}
