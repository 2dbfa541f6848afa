using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using TaggingPipeline.CommandLine.Demo;
using TaggingPipeline.Standalone;

namespace TaggingPipeline.Benchmarks.Pipeline;

/// <summary>The whole pipeline as it runs by default: HTTP in, one process, in-memory bus, SQLite on disk.</summary>
/// <remarks>
/// The client runs in the same process, so its work is in the figures. The raw limit is the same requests against an endpoint that reads the body and answers.
/// What to look at: events a second against the goals of 10,000 (batches of 100) and 3,000 (single events), and the 99th percentile from sending an event to its
/// change in the feed.
/// </remarks>
internal static class PipelineFigures
{
    private const int Customers = 2_000;
    private const int BatchSize = 100;
    private const int EventsOfOneCustomer = 1_000;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(string rulebookPath, TextWriter output)
    {
        var shop = new SimulatedShop(20_260_102, Customers, "load");
        await using (var bare = await StartBareAsync())
        {
            var url = bare.Urls.First();
            var raw = (Batched: await ThroughputAsync(url, shop, 8, BatchSize), Single: await ThroughputAsync(url, shop, 64, 1));
            output.WriteLine($"HTTP, client and server in one process on {Environment.ProcessorCount} cores:");
            output.WriteLine($"  raw (body read, answered): batches of {BatchSize} {raw.Batched}, single events {raw.Single}");
        }

        var folder = Directory.CreateTempSubdirectory("tagging-benchmark-").FullName;
        try
        {
            var store = Path.Combine(folder, "store.db");
            await using var pipeline = await RunningPipeline.StartAsync($"sqlite:{store}", rulebookPath);
            await MeasureAsync("embedded", pipeline.Url, shop, output);
            await SendOneCustomerAsync(pipeline.Url);
            output.WriteLine($"  a customer's document after {EventsOfOneCustomer} events: {DocumentBytes(store):N0} bytes");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The same process over another store.</summary>
    /// <param name="store">As the setting <c>Store</c> names it.</param>
    public static async Task RunOverAsync(string store, string rulebookPath, TextWriter output)
    {
        await using var pipeline = await RunningPipeline.StartAsync(store, rulebookPath);
        await MeasureAsync("over MongoDB's protocol", pipeline.Url, new SimulatedShop(20_260_102, Customers, "load"), output);
    }

    private static async Task MeasureAsync(string shape, string url, SimulatedShop shop, TextWriter output)
    {
        output.WriteLine($"  {shape}, committed: batches of {BatchSize} {await ThroughputAsync(url, shop, 8, BatchSize)}, single events over 64 connections {await ThroughputAsync(url, shop, 64, 1)}");
        var latencies = await LatenciesAsync(url, shop);
        output.WriteLine($"  event → change in the feed at 1,000 events/s: p50 {PipelineClient.Percentile(latencies, 50):N0} ms, p95 {PipelineClient.Percentile(latencies, 95):N0} ms, p99 {PipelineClient.Percentile(latencies, 99):N0} ms ({latencies.Count} changes)");
    }

    private static async Task<WebApplication> StartBareAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapPost("/v1/batch", Answer);
        await app.StartAsync();
        return app;

        static async Task Answer(HttpContext context)
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            await context.Response.WriteAsync("""{"success":true}""");
        }
    }

    /// <summary>Events a second that were answered with success, by so many connections that each wait for their answers; and what an event cost the processors.</summary>
    private static async Task<Throughput> ThroughputAsync(string url, SimulatedShop shop, int connections, int eventsEach)
    {
        using var http = PipelineClient.Client(url, connections);
        var end = DateTimeOffset.UtcNow + WarmUp + Measured;
        var from = DateTimeOffset.UtcNow + WarmUp;
        var (counted, begun) = (0L, TimeSpan.Zero);
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
        {
            while (DateTimeOffset.UtcNow < end)
            {
                var (path, body) = Request(shop, eventsEach);
                using var answer = await http.PostAsync(path, body);
                answer.EnsureSuccessStatusCode();
                if (DateTimeOffset.UtcNow is var now && now >= from && now < end && Interlocked.Add(ref counted, eventsEach) == eventsEach)
                    begun = Environment.CpuUsage.TotalTime;
            }
        }));
        return new(counted / Measured.TotalSeconds, (Environment.CpuUsage.TotalTime - begun).TotalMicroseconds / counted);
    }

    private static (string Path, HttpContent Body) Request(SimulatedShop shop, int events)
    {
        var now = DateTimeOffset.UtcNow;
        byte[] body;
        lock (shop)
        {
            body = events == 1
                ? shop.Next(now).ToSegmentJson()
                : SimulatedEvent.ToSegmentBatch(Enumerable.Range(0, events).Select(_ => shop.Next(now)).ToArray(), now);
        }

        // A single event goes to the batch endpoint too where its type decides the path; its cost is the same.
        return ("/v1/batch", PipelineClient.Json(events == 1 ? [.. "{\"batch\":["u8, .. body, .. "]}"u8] : body));
    }

    private static async Task<List<double>> LatenciesAsync(string url, SimulatedShop shop)
    {
        using var http = PipelineClient.Client(url, 16);
        var sent = new Dictionary<string, DateTimeOffset>();
        var latencies = new List<double>();
        var position = await PipelineClient.LastPositionAsync(http);
        var end = DateTimeOffset.UtcNow + Measured + Measured;
        using var stop = new CancellationTokenSource();
        var watching = WatchAsync();
        var pending = new List<Task>();
        for (var round = 0; DateTimeOffset.UtcNow < end; round++)
        {
            // Every 10 ms ten events: nine of the shop, and the first purchase of somebody new, which surely changes a tag.
            var newcomer = string.Create(CultureInfo.InvariantCulture, $"newcomer-{round}");
            byte[] batch;
            lock (shop)
                batch = SimulatedEvent.ToSegmentBatch(Enumerable.Range(0, 9).Select(_ => shop.Next(DateTimeOffset.UtcNow)).ToArray(), DateTimeOffset.UtcNow);
            var purchase = $$$"""{"type":"track","event":"Order Completed","userId":"{{{newcomer}}}","messageId":"{{{newcomer}}}","properties":{"order_id":"{{{newcomer}}}","total":25.5}},""";
            var text = Encoding.UTF8.GetString(batch);
            text = text.Replace("\"batch\":[", "\"batch\":[" + purchase, StringComparison.Ordinal);
            lock (sent)
                sent[newcomer] = DateTimeOffset.UtcNow;
            pending.Add(http.PostAsync("/v1/batch", PipelineClient.Json(Encoding.UTF8.GetBytes(text))));
            await Task.Delay(10);
        }

        await Task.WhenAll(pending);
        await Task.Delay(TimeSpan.FromSeconds(1));
        await stop.CancelAsync();
        await watching;
        if (latencies.Count < sent.Count * 99 / 100)
            throw new InvalidOperationException($"Of {sent.Count} newcomers only {latencies.Count} stand in the feed.");
        return latencies;

        async Task WatchAsync()
        {
            while (!stop.IsCancellationRequested)
            {
                using var page = JsonDocument.Parse(await PipelineClient.ChangesAsync(http, position));
                foreach (var change in page.RootElement.GetProperty("items").EnumerateArray())
                {
                    lock (sent)
                    {
                        if (sent.Remove(change.GetProperty("subject").GetString()!, out var at))
                            latencies.Add((DateTimeOffset.UtcNow - at).TotalMilliseconds);
                    }
                }

                if (page.RootElement.GetProperty("next") is { ValueKind: not JsonValueKind.Null } next)
                    position = next.ToString();
                else
                    await Task.Delay(5);
            }
        }
    }

    private static async Task SendOneCustomerAsync(string url)
    {
        using var http = PipelineClient.Client(url, 1);
        var shop = new SimulatedShop(20_260_103, 5, "one");
        var events = shop.Events(DateTimeOffset.UtcNow - TimeSpan.FromDays(90), TimeSpan.FromMinutes(15))
            .Take(EventsOfOneCustomer * 8).GroupBy(simulated => simulated.UserId).First(all => all.Count() >= EventsOfOneCustomer).Take(EventsOfOneCustomer);
        foreach (var part in events.Chunk(BatchSize))
        {
            using var answer = await http.PostAsync("/v1/batch", PipelineClient.Json(SimulatedEvent.ToSegmentBatch(
                part.Select(simulated => simulated with { UserId = "thousand" }), DateTimeOffset.UtcNow)));
            answer.EnsureSuccessStatusCode();
        }
    }

    private static long DocumentBytes(string store)
    {
        using var connection = new SqliteConnection($"Data Source={store};Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT length(id) + length(rulebook) + octet_length(tags) + octet_length(applied) + length(facts) FROM customers WHERE id = 'thousand'";
        return (long)command.ExecuteScalar()!;
    }

    private readonly record struct Throughput(double EventsPerSecond, double CpuMicrosecondsPerEvent)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{EventsPerSecond,8:N0} events/s ({CpuMicrosecondsPerEvent:N0} µs of CPU each)");
    }
}
