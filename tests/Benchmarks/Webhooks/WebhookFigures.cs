using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using TaggingPipeline.Benchmarks.Pipeline;
using TaggingPipeline.ServiceDefaults.Settings;

namespace TaggingPipeline.Benchmarks.Webhooks;

/// <summary>From an event to the webhook that tells of it; and whether subscribers who are bad delay others.</summary>
/// <remarks>
/// Embedded, over SQLite on disk, thirty rules; sender, pipeline and receivers are one process on the same cores. Every event is the first purchase of somebody new, of which only
/// the change of one tag is subscribed to, so that an event is a delivery. The goals: p95 under 300 ms at 500 changes a second to one subscriber; and of twenty, with one that
/// hangs, one that answers 500 and one that refuses connections, the p95 of the other seventeen within 10 % of a run in which these three are good.
/// </remarks>
internal static class WebhookFigures
{
    private const int Subscribers = 20;
    private const int Bad = 3;

    private static readonly string[] Keys = ["buyer"];

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(20);

    public static async Task RunAsync(string rulebookPath, TextWriter output)
    {
        var one = await MeasureAsync(rulebookPath, 1, 0, changesPerSecond: 500);
        output.WriteLine($"event → webhook, one subscriber, 500 changes/s: {Describe(one)}");
        foreach (var round in new[] { 1, 2 })
        {
            var good = await MeasureAsync(rulebookPath, Subscribers, 0, changesPerSecond: 30);
            var mixed = await MeasureAsync(rulebookPath, Subscribers, Bad, changesPerSecond: 30);
            output.WriteLine($"{Subscribers} subscribers, 30 changes/s, round {round}: all good {Describe(good)}; {Bad} bad {Describe(mixed)}");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  p95 with {Bad} bad / all good: {PipelineClient.Percentile(mixed, 95) / PipelineClient.Percentile(good, 95):N2}"));
        }
    }

    private static async Task<List<double>> MeasureAsync(string rulebookPath, int subscribers, int bad, int changesPerSecond)
    {
        var folder = Directory.CreateTempSubdirectory("tagging-benchmark-").FullName;
        try
        {
            await using var pipeline = await RunningPipeline.StartAsync($"sqlite:{Path.Combine(folder, "store.db")}", await RulebookAsync(rulebookPath, folder));
            await using var receivers = await BenchmarkReceiver.StartAsync();
            using var hangs = new TcpListener(IPAddress.Loopback, 0);
            hangs.Start();
            using var http = PipelineClient.Client(pipeline.Url, 16);
            for (var i = 0; i < subscribers; i++)
            {
                var address = (i < bad ? i : -1) switch
                {
                    0 => $"http://127.0.0.1:{((IPEndPoint)hangs.LocalEndpoint).Port}/",
                    1 => $"{receivers.Url}/broken",
                    2 => "http://127.0.0.1:1/",
                    _ => $"{receivers.Url}/{(i < Bad && subscribers > 1 ? "others" : "counted")}/{i}", // the same seventeen are compared
                };
                await SubscribeAsync(http, address);
            }

            return await SendAsync(http, receivers, changesPerSecond, subscribers > 1 ? subscribers - Bad : 1);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> RulebookAsync(string path, string folder)
    {
        var rules = await File.ReadAllTextAsync(path);
        var rulebook = Path.Combine(folder, "rules.yaml");
        await File.WriteAllTextAsync(rulebook, rules.Replace("tags:\n", "tags:\n  - key: buyer\n    category: behaviour\n    when: count(purchase) >= 1\n", StringComparison.Ordinal));
        return rulebook;
    }

    private static async Task SubscribeAsync(HttpClient http, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/subscriptions")
        {
            Content = JsonContent.Create(new { address, filter = new { key = Keys }, concurrency = 16, verify = false }),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TaggingSettings.DevelopmentApiKey);
        using var answer = await http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
    }

    /// <returns>Milliseconds from sending an event to each of its webhooks that is counted.</returns>
    private static async Task<List<double>> SendAsync(HttpClient http, BenchmarkReceiver receivers, int changesPerSecond, int counted)
    {
        var pending = new List<Task>();
        var began = DateTimeOffset.UtcNow;
        var (sent, measured) = (0, 0);
        while (DateTimeOffset.UtcNow - began is var elapsed && elapsed < WarmUp + Measured)
        {
            var due = (int)(elapsed.TotalSeconds * changesPerSecond) - sent;
            if (due > 0)
            {
                var names = Enumerable.Range(sent, due).Select(i => $"n{i}").ToList();
                if (elapsed >= WarmUp)
                {
                    receivers.Expect(names);
                    measured += due;
                }

                sent += due;
                var events = names.Select(name => $$$"""{"type":"track","event":"Order Completed","userId":"{{{name}}}","messageId":"{{{name}}}","properties":{"order_id":"{{{name}}}","total":25.5}}""");
                pending.Add(http.PostAsync("/v1/batch", PipelineClient.Json(Encoding.UTF8.GetBytes($$"""{"batch":[{{string.Join(',', events)}}]}"""))));
            }

            await Task.Delay(10);
        }

        await Task.WhenAll(pending);
        for (var waited = 0; receivers.Count < measured * counted && waited < 300; waited++)
            await Task.Delay(100);
        return receivers.Count == measured * counted
            ? receivers.Latencies()
            : throw new InvalidOperationException($"Of {measured * counted} webhooks only {receivers.Count} came.");
    }

    private static string Describe(List<double> latencies) => string.Create(
        CultureInfo.InvariantCulture,
        $"p50 {PipelineClient.Percentile(latencies, 50):N0} ms, p95 {PipelineClient.Percentile(latencies, 95):N0} ms, p99 {PipelineClient.Percentile(latencies, 99):N0} ms ({latencies.Count:N0})");
}
