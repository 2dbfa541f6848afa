using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.CommandLine.Demo;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Previews;
using TaggingPipeline.Processing.Rejections;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Storage.Sqlite;

namespace TaggingPipeline.Benchmarks.Previews;

/// <summary>How long it takes to tell who would move, over customers in SQLite.</summary>
/// <remarks>The raw limit is reading the same documents as they are, facts included, by one thread. Rules that need other measures read the journal: ten events for each customer.</remarks>
internal static class PreviewFigures
{
    private const int EventsEach = 10;
    private const int BatchSize = 5_000;

    public static async Task RunAsync(string rulebook, int customers, TextWriter output)
    {
        var folder = Directory.CreateTempSubdirectory("tagging-benchmark-").FullName;
        try
        {
            await using var services = new ServiceCollection().AddSqliteStorage(Path.Combine(folder, "store.db")).BuildServiceProvider();
            var (documents, journal) = (services.GetRequiredService<ICustomerDocuments>(), services.GetRequiredService<IJournal>());
            var text = await File.ReadAllTextAsync(rulebook);
            var inForce = Compile(text);
            var committer = new EventCommitter(documents, journal, services.GetRequiredService<IRejectedEvents>(), new(documents, journal, TimeProvider.System), TimeProvider.System);
            var now = DateTimeOffset.UtcNow;
            var shop = new SimulatedShop(20_260_103, customers);
            foreach (var batch in shop.Events(now.AddDays(-90), TimeSpan.FromDays(90) / (customers * EventsEach)).Take(customers * EventsEach).Chunk(BatchSize))
            {
                var committed = await committer.CommitAsync([.. batch.Select(simulated => simulated.ToShopEvent(now))], new(inForce), CancellationToken.None);
                await documents.ClearOutboxesAsync([.. committed.Untold.Select(told => new PublishedRevision(told.Document.Customer, told.Document.Outbox!.Revision))], CancellationToken.None);
            }

            var started = Stopwatch.GetTimestamp();
            var (read, bytes) = (0L, 0L);
            string? after = null;
            while (await documents.ScanAsync(after, 1_000, CancellationToken.None) is { Count: > 0 } page)
            {
                read += page.Count;
                bytes += page.Sum(document => document.Facts.Bytes.Length);
                after = page[^1].Customer;
            }

            var raw = Stopwatch.GetElapsedTime(started);
            output.WriteLine($"SQLite, {read:N0} customers of {EventsEach} events on average, {bytes / read:N0} bytes of facts each, {inForce.Tags.Length} rules, preview:");
            Tell("raw (each document read)", read, raw, raw, output);
            var preview = new RulebookPreview(documents, journal, new(inForce), TimeProvider.System);
            var thresholds = text.Replace(">= 1000", ">= 800", StringComparison.Ordinal).Replace(">= 12", ">= 10", StringComparison.Ordinal);
            await MeasureAsync("other thresholds", preview, Compile(thresholds), new(), raw, output);
            await MeasureAsync("other thresholds, a sample of 20,000", preview, Compile(thresholds), new() { Sample = 20_000 }, raw, output);
            await MeasureAsync("other measures, from the journal", preview, Compile(text.Replace("none(purchase, 60d)", "none(purchase, 45d)", StringComparison.Ordinal)), new(), raw, output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(string what, RulebookPreview preview, Rulebook candidate, PreviewOptions options, TimeSpan raw, TextWriter output)
    {
        var started = Stopwatch.GetTimestamp();
        var result = await preview.RunAsync(candidate, options, CancellationToken.None);
        Tell($"{what}: {result.Tags.Sum(tag => tag.Enter + tag.Leave + tag.Change):N0} moves, {result.FromJournal:N0} from the journal", result.Looked, Stopwatch.GetElapsedTime(started), raw, output);
    }

    private static void Tell(string what, long customers, TimeSpan took, TimeSpan raw, TextWriter output) =>
        output.WriteLine($"  {what,-75} {took.TotalSeconds,7:N1} s   {customers / took.TotalSeconds,9:N0} customers/s   {raw / took,6:P0} of raw");

    private static Rulebook Compile(string text) => RulebookFile.Compile(text).Rulebook ?? throw new InvalidOperationException("The benchmark's rulebook has errors.");
}
