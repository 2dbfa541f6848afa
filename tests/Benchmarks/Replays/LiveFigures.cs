using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Benchmarks.Pipeline;
using TaggingPipeline.CommandLine.Demo;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.ServiceDefaults.Settings;
using TaggingPipeline.Storage.Sqlite;

namespace TaggingPipeline.Benchmarks.Replays;

/// <summary>An applied replay over documents of which one in a hundred is wrong, while events go on arriving: how long those take, and whether any is lost or counted twice.</summary>
/// <remarks>What to look at: the 99th percentile from sending a batch to its answer, which comes when it is committed, with the replay over that without it; and that a dry run afterwards finds no difference.</remarks>
internal static class LiveFigures
{
    private const int EventsPerSecond = 2_000;
    private const int BatchSize = 100;

    private static readonly TimeSpan Alone = TimeSpan.FromSeconds(20);

    /// <summary>One document in so many has lost its facts.</summary>
    private const int WrongOneIn = 100;

    public static async Task RunAsync(string rulebook, int customers, TextWriter output)
    {
        var folder = Directory.CreateTempSubdirectory("tagging-benchmark-").FullName;
        try
        {
            var path = Path.Combine(folder, "store.db");
            await using (var services = new ServiceCollection().AddSqliteStorage(path).BuildServiceProvider())
            {
                var compiled = (await RulebookFile.LoadAsync(rulebook, CancellationToken.None)).Rulebook!;
                await ReplayFigures.FillAsync(services, customers * 5, customers);
                await ReplayFigures.ApplyAsync(services, compiled);
                await SpoilAsync(services.GetRequiredService<ICustomerDocuments>(), compiled);
            }

            await using var pipeline = await RunningPipeline.StartAsync($"sqlite:{path}", rulebook);
            using var http = PipelineClient.Client(pipeline.Url, 16);
            using var api = new HttpClient { BaseAddress = new(pipeline.Url), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", TaggingSettings.DevelopmentApiKey) } };
            var traffic = new Traffic(http);

            await traffic.RunAsync(() => Task.FromResult(false), TimeSpan.FromSeconds(10)); // to warm up
            var alone = await traffic.RunAsync(() => Task.FromResult(false), Alone);
            output.WriteLine($"SQLite, {customers:N0} customers, {EventsPerSecond:N0} events/s in batches of {BatchSize}:");
            output.WriteLine($"  alone                     {alone}");

            var begun = Stopwatch.GetTimestamp();
            var replay = await BeginAsync(api, new { apply = true, parts = 1 });
            var beside = await traffic.RunAsync(async () => !IsOver(await ReadAsync(api, replay)), TimeSpan.FromMinutes(10));
            var applied = (await ReadAsync(api, replay)).GetProperty("report");
            output.WriteLine($"  beside an applied replay  {beside}; the replay took {Stopwatch.GetElapsedTime(begun).TotalSeconds:N0} s, {applied.GetProperty("written")} written, {applied.GetProperty("leftForLater")} left for later");

            var dry = await BeginAsync(api, new { });
            JsonElement ended;
            while (!IsOver(ended = await ReadAsync(api, dry)))
                await Task.Delay(200);
            var report = ended.GetProperty("report");
            output.WriteLine($"  a dry run afterwards: {report.GetProperty("customers")} customers, {report.GetProperty("different")} different, digests {(report.GetProperty("digests").GetProperty("equal").GetBoolean() ? "equal" : "NOT equal")}; {report.GetProperty("events")} events of {traffic.Sent + (customers * 5)} sent");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task SpoilAsync(ICustomerDocuments documents, Rulebook rulebook)
    {
        string? after = null;
        while (await documents.ScanAsync(after, 1_000, CancellationToken.None) is { Count: > 0 } page)
        {
            var wrong = page.Where((_, number) => number % WrongOneIn == 0)
                .Select(document => new CustomerCommit(document.Customer, document with { Version = document.Version + 1, Facts = StoredFacts.Of(CustomerFacts.Of(rulebook)) }, document.Version, []));
            await documents.CommitAsync([.. wrong], CancellationToken.None);
            after = page[^1].Customer;
        }
    }

    private static async Task<string> BeginAsync(HttpClient api, object options)
    {
        using var answer = await api.PostAsJsonAsync("/api/replays", options);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    private static Task<JsonElement> ReadAsync(HttpClient api, string replay) => api.GetFromJsonAsync<JsonElement>($"/api/replays/{replay}");

    private static bool IsOver(JsonElement replay) => replay.GetProperty("state").GetString() is "done" or "failed" or "cancelled";

    /// <summary>Events of a shop of its own, and of the customers who are replayed, at an even pace.</summary>
    private sealed class Traffic(HttpClient http)
    {
        private readonly SimulatedShop _shop = new(20_260_105, 2_000, "live");
        private readonly SimulatedShop _known = new(20_260_104, 100_000, "known");

        public long Sent { get; private set; }

        public async Task<string> RunAsync(Func<Task<bool>> goesOn, TimeSpan atMost)
        {
            var latencies = new List<double>();
            var pending = new List<Task>();
            var begun = Stopwatch.GetTimestamp();
            var sent = 0L;
            var going = goesOn();
            while (Stopwatch.GetElapsedTime(begun) is var elapsed && elapsed < atMost)
            {
                if (going.IsCompleted)
                {
                    if (!await going && atMost > TimeSpan.FromMinutes(1))
                        break;
                    going = Task.Delay(500).ContinueWith(_ => goesOn(), TaskScheduler.Default).Unwrap();
                }

                if (sent > elapsed.TotalSeconds * EventsPerSecond)
                {
                    await Task.Delay(2);
                    continue;
                }

                pending.Add(SendAsync(latencies));
                sent += BatchSize;
            }

            await Task.WhenAll(pending);
            Sent += sent;
            var rate = sent / Stopwatch.GetElapsedTime(begun).TotalSeconds;
            return string.Create(CultureInfo.InvariantCulture,
                $"p50 {PipelineClient.Percentile(latencies, 50):N0} ms, p95 {PipelineClient.Percentile(latencies, 95):N0} ms, p99 {PipelineClient.Percentile(latencies, 99):N0} ms ({rate:N0} events/s)");
        }

        private async Task SendAsync(List<double> latencies)
        {
            var now = DateTimeOffset.UtcNow;
            var events = Enumerable.Range(0, BatchSize).Select(i => i % 2 == 0 ? _shop.Next(now) : _known.Next(now)).ToArray();
            var started = Stopwatch.GetTimestamp();
            using var answer = await http.PostAsync("/v1/batch", PipelineClient.Json(SimulatedEvent.ToSegmentBatch(events, now)));
            answer.EnsureSuccessStatusCode();
            lock (latencies)
                latencies.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }
}
