using System.Globalization;
using System.Text;
using System.Text.Json;
using TaggingPipeline.CommandLine.Demo;

namespace TaggingPipeline.Benchmarks.Pipeline;

/// <summary>How late changes come that time alone makes: a hundred thousand customers whose windows end within one minute, while a thousand events a second arrive.</summary>
/// <remarks>
/// Embedded, over SQLite on disk, thirty rules and one more. Lateness is from the exact instant at which a customer's window ends: to the instant for which the change was decided, and to when a
/// reader of the feed sees it. The goals: 95 of 100 within a second, and none later than five.
/// </remarks>
internal static class ExitFigures
{
    private const int Customers = 100_000;
    private const int BatchSize = 500;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Spread = TimeSpan.FromMinutes(1);

    public static async Task RunAsync(string rulebookPath, TextWriter output)
    {
        var folder = Directory.CreateTempSubdirectory("tagging-benchmark-").FullName;
        try
        {
            var rulebook = Path.Combine(folder, "rules.yaml");
            var rules = await File.ReadAllTextAsync(rulebookPath);
            await File.WriteAllTextAsync(rulebook, rules.Replace("tags:\n", "tags:\n  - key: here\n    category: behaviour\n    when: exists(interaction[\"Signed In\"], 10m)\n", StringComparison.Ordinal));
            await using var pipeline = await RunningPipeline.StartAsync($"sqlite:{Path.Combine(folder, "store.db")}", rulebook);
            await MeasureAsync(pipeline.Url, output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(string url, TextWriter output)
    {
        using var http = PipelineClient.Client(url, 16);
        var firstEnd = DateTimeOffset.FromUnixTimeMilliseconds((DateTimeOffset.UtcNow + TimeSpan.FromMinutes(3)).ToUnixTimeMilliseconds());
        var began = DateTimeOffset.UtcNow;
        await Parallel.ForEachAsync(Enumerable.Range(0, Customers).Chunk(BatchSize), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (customers, cancellationToken) =>
        {
            var events = customers.Select(customer => $$$"""{"type":"track","event":"Signed In","userId":"c{{{customer}}}","messageId":"in-{{{customer}}}","timestamp":"{{{EndOf(firstEnd, customer) - Window:O}}}"}""");
            using var answer = await http.PostAsync("/v1/batch", PipelineClient.Json(Encoding.UTF8.GetBytes($$"""{"batch":[{{string.Join(',', events)}}]}""")), cancellationToken);
            answer.EnsureSuccessStatusCode();
        });
        if (DateTimeOffset.UtcNow > firstEnd - TimeSpan.FromSeconds(15))
            throw new InvalidOperationException("The machine is too slow: the first window ended before all customers were there.");
        output.WriteLine($"{Customers:N0} customers signed in within {(DateTimeOffset.UtcNow - began).TotalSeconds:N0} s; their windows end within {Spread.TotalSeconds:N0} s:");
        var position = await PipelineClient.LastPositionAsync(http);
        await Task.Delay(firstEnd - TimeSpan.FromSeconds(5) - DateTimeOffset.UtcNow);

        using var stop = new CancellationTokenSource();
        var load = LoadAsync(http, stop.Token);
        var (decided, seen) = await WatchAsync(http, position, firstEnd);
        await stop.CancelAsync();
        var events = await load;
        output.WriteLine($"  changes decided after their instant: {Describe(decided)}");
        output.WriteLine($"  changes seen in the feed after it:   {Describe(seen)}   ({seen.Count:N0} of {Customers:N0} customers; {events:N0} other events meanwhile)");
    }

    private static DateTimeOffset EndOf(DateTimeOffset firstEnd, int customer) => firstEnd + TimeSpan.FromMilliseconds(Math.Floor(Spread.TotalMilliseconds * customer / Customers));

    /// <summary>A thousand events a second of a shop's other customers, until it is stopped.</summary>
    private static async Task<int> LoadAsync(HttpClient http, CancellationToken stop)
    {
        var shop = new SimulatedShop(20_260_104, 2_000, "load");
        var (sent, began) = (0, DateTimeOffset.UtcNow);
        var pending = new List<Task>();
        while (!stop.IsCancellationRequested)
        {
            for (; sent < (DateTimeOffset.UtcNow - began).TotalMilliseconds; sent += 10)
            {
                var now = DateTimeOffset.UtcNow;
                pending.Add(http.PostAsync("/v1/batch", PipelineClient.Json(SimulatedEvent.ToSegmentBatch(Enumerable.Range(0, 10).Select(_ => shop.Next(now)).ToArray(), now)), CancellationToken.None));
            }

            await Task.Delay(10, CancellationToken.None);
        }

        await Task.WhenAll(pending);
        return sent;
    }

    private static async Task<(List<double> Decided, List<double> Seen)> WatchAsync(HttpClient http, string position, DateTimeOffset firstEnd)
    {
        var (decided, seen) = (new List<double>(Customers), new List<double>(Customers));
        var giveUp = firstEnd + Spread + TimeSpan.FromSeconds(60);
        while (seen.Count < Customers && DateTimeOffset.UtcNow < giveUp)
        {
            using var page = JsonDocument.Parse(await PipelineClient.ChangesAsync(http, position));
            foreach (var change in page.RootElement.GetProperty("items").EnumerateArray())
            {
                if (change.GetProperty("data").GetProperty("key").GetString() != "here" || change.GetProperty("type").GetString() != "tag.removed")
                    continue;
                var end = EndOf(firstEnd, int.Parse(change.GetProperty("subject").GetString()!.AsSpan(1), CultureInfo.InvariantCulture));
                decided.Add((change.GetProperty("time").GetDateTimeOffset() - end).TotalMilliseconds);
                seen.Add((DateTimeOffset.UtcNow - end).TotalMilliseconds);
            }

            if (page.RootElement.GetProperty("next") is { ValueKind: not JsonValueKind.Null } next)
                position = next.ToString();
            else
                await Task.Delay(20);
        }

        return (decided, seen);
    }

    private static string Describe(List<double> latencies) => latencies.Count == 0 ? "none" : string.Create(
        CultureInfo.InvariantCulture,
        $"p50 {PipelineClient.Percentile(latencies, 50):N0} ms, p95 {PipelineClient.Percentile(latencies, 95):N0} ms, last {latencies.Max():N0} ms, earliest {latencies.Min():N0} ms");
}
