using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.CommandLine.Demo;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Populations;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Replays;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Storage.Sqlite;

namespace TaggingPipeline.Benchmarks.Replays;

/// <summary>Replays over SQLite, beside the raw scan of the same journal in the same run.</summary>
/// <remarks>
/// The raw scan reads every event of every customer through the port, by as many readers at once, and looks at nothing but its length. What to look at: events a second and the share
/// of the raw scan, for a replay that compares and for one that writes every document; and the memory, which must not grow with the journal.
/// </remarks>
internal static class ReplayFigures
{
    private const int Parts = 2;
    private const int PageSize = 100;

    public static async Task RunAsync(Rulebook rulebook, int events, int customers, TextWriter output)
    {
        var folder = Directory.CreateTempSubdirectory("tagging-benchmark-").FullName;
        try
        {
            await using var services = new ServiceCollection().AddSqliteStorage(Path.Combine(folder, "store.db")).BuildServiceProvider();
            var started = Stopwatch.GetTimestamp();
            await FillAsync(services, events, customers);
            output.WriteLine($"SQLite, {events:N0} events of {customers:N0} customers, {rulebook.Tags.Length} rules, {Parts} at once (filled in {Stopwatch.GetElapsedTime(started).TotalSeconds:N0} s):");
            var journal = services.GetRequiredService<IJournal>();
            await ScanAsync(journal, output);
            await ReplayAsync(services, rulebook, "applied, every document written", new() { Apply = true, Parts = Parts }, output);
            await ScanAsync(journal, output);
            await ReplayAsync(services, rulebook, "dry run, nothing differs", new() { Parts = Parts }, output);
            await ReplayAsync(services, rulebook, "applied, nothing differs", new() { Apply = true, Parts = Parts }, output);
            await ScanAsync(journal, output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Appends a simulated shop's events of ninety days to a journal, in the order in which they happened, and makes no documents.</summary>
    public static async Task FillAsync(IServiceProvider services, int events, int customers)
    {
        var documents = services.GetRequiredService<ICustomerDocuments>();
        var start = DateTimeOffset.UtcNow - TimeSpan.FromDays(90);
        var shop = new SimulatedShop(20_260_104, customers, "replay");
        foreach (var batch in shop.Events(start, TimeSpan.FromDays(90) / events).Take(events).Chunk(5_000))
        {
            await documents.CommitAsync(
                [.. batch.GroupBy(simulated => simulated.UserId).Select(group => new CustomerCommit(group.Key, null, 0, [.. group.Select(simulated => EventMapping.ToJournal(simulated.ToShopEvent(simulated.Timestamp)))]))],
                CancellationToken.None);
        }
    }

    private static async Task ScanAsync(IJournal journal, TextWriter output)
    {
        var started = Stopwatch.GetTimestamp();
        var (events, bytes) = (0L, 0L);
        await Parallel.ForEachAsync(PagesAsync(journal), new ParallelOptions { MaxDegreeOfParallelism = Parts }, async (page, cancellationToken) =>
        {
            var (count, length) = (0L, 0L);
            await foreach (var journaled in journal.ReadManyAsync(page, cancellationToken))
                (count, length) = (count + 1, length + journaled.Body.Length);
            Interlocked.Add(ref events, count);
            Interlocked.Add(ref bytes, length);
        });
        var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  raw scan, {bytes / 1e6:N0} MB               {events / took,10:N0} events/s"));
    }

    private static async IAsyncEnumerable<IReadOnlyList<string>> PagesAsync(IJournal journal)
    {
        string? after = null;
        while (await journal.CustomersAsync(after, PageSize, CancellationToken.None) is { Count: > 0 } page)
        {
            yield return page;
            after = page[^1];
        }
    }

    /// <summary>Makes the documents that the journal calls for, and tells nobody.</summary>
    public static async Task ApplyAsync(IServiceProvider services, Rulebook rulebook) => await RunAsync(services, rulebook, new() { Apply = true, Parts = Parts, TellsChanges = false });

    private static async Task<ReplayReport> RunAsync(IServiceProvider services, Rulebook rulebook, ReplayOptions options)
    {
        var current = new CurrentRulebook(rulebook);
        var documents = services.GetRequiredService<ICustomerDocuments>();
        var replays = services.GetRequiredService<IReplays>();
        var runner = new ReplayRunner(
            documents, services.GetRequiredService<IJournal>(), services.GetRequiredService<ICustomerViews>(), replays, new PopulationHistory(services.GetRequiredService<IPopulationSnapshots>()),
            new ChangePublisher(documents, new Nobody(), current, new CurrentShare(WorkShare.Everything)), current, TimeProvider.System);
        var run = new ReplayRun { Id = Guid.NewGuid().ToString("n"), Version = 1, Options = options, State = ReplayState.Queued, CreatedAt = NodaTime.SystemClock.Instance.GetCurrentInstant() };
        await replays.SaveAsync(run, CancellationToken.None);
        return (await runner.RunAsync(run, CancellationToken.None)).Report;
    }

    private static async Task ReplayAsync(IServiceProvider services, Rulebook rulebook, string what, ReplayOptions options, TextWriter output)
    {
        var processor = Environment.CpuUsage.TotalTime;
        var memory = Watch(out var stop);
        var started = Stopwatch.GetTimestamp();
        var report = await RunAsync(services, rulebook, options);
        var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var used = (Environment.CpuUsage.TotalTime - processor).TotalMicroseconds / report.Events;
        await stop.CancelAsync();
        var (managed, resident) = await memory;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {what,-32} {report.Events / took,10:N0} events/s   {report.Customers / took,8:N0} customers/s, {used:N1} µs of CPU an event, {report.Written:N0} written, {report.Different:N0} different; at most {managed / 1e6:N0} MB managed, {resident / 1e6:N0} MB resident"));
        if (report.Replayed != report.Live && report.Different == 0)
            throw new InvalidOperationException("Nothing differs, and the digests do.");
    }

    /// <summary>The largest managed heap and resident size until it is stopped.</summary>
    private static Task<(long Managed, long Resident)> Watch(out CancellationTokenSource stop)
    {
        var source = stop = new();
        GC.Collect(2, GCCollectionMode.Aggressive); // gives back what filling the store took
        return LookAsync();

        async Task<(long, long)> LookAsync()
        {
            var (managed, resident) = (0L, 0L);
            while (!source.IsCancellationRequested)
            {
                (managed, resident) = (Math.Max(managed, GC.GetTotalMemory(forceFullCollection: false)), Math.Max(resident, Environment.WorkingSet));
                await Task.Delay(50, source.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            return (managed, resident);
        }
    }

    private sealed class Nobody : IChangeSink
    {
        public Task PublishAsync(IReadOnlyList<TagsChanged> messages, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
