using System.Net.Http.Json;
using System.Text.Json;
using TaggingPipeline.Pipeline.Specs.Brokers;

namespace TaggingPipeline.Pipeline.Specs.Processes;

[TestFixture, Category("Processes")]
public sealed class When_a_process_is_killed_while_rejected_events_are_sent_again
{
    private const int Events = 2_000;

    private const string Rulebook = """
        rulebook: mended
        tags:
          - key: buyer
            category: value
            when: count(purchase) >= 1
        """;

    [Test]
    public async Task Promises_1_2_and_11_embedded_none_is_lost_and_each_counts_once()
    {
        using var folder = new TemporaryFolder();
        var settings = SettingsOf(folder, "memory");
        await using var server = HostProcess.Standalone(settings);
        await server.StartAsync();

        await SendBadAsync(server);
        await MendUnderKillsAsync(server);

        await AssertEachCountsOnceAsync(settings["Store"]!);
    }

    [Test, Category("RabbitMq")]
    public async Task Promises_1_2_and_11_distributed_none_is_lost_and_each_counts_once()
    {
        using var folder = new TemporaryFolder();
        var broker = await SharedBroker.GetAsync();
        var settings = SettingsOf(folder, await broker.CreateVirtualHostAsync("mended"));
        await using var services = await DistributedServices.StartAsync(settings);

        await SendBadAsync(services.Ingestion);
        await MendUnderKillsAsync(services.Projection);

        await AssertEachCountsOnceAsync(settings["Store"]!);
    }

    private static Dictionary<string, string?> SettingsOf(TemporaryFolder folder, string bus) => new()
    {
        ["Store"] = $"sqlite:{folder["tagging.db"]}",
        ["Bus"] = bus,
        ["Rulebook"] = folder.Write("rulebook.yaml", Rulebook),
    };

    /// <summary>Events of many customers, under a field that nobody reads, and without ids of their own.</summary>
    private static async Task SendBadAsync(HostProcess ingestion)
    {
        foreach (var batch in Enumerable.Range(0, Events).Chunk(500))
            await Tracking.SendAsync(ingestion, [.. batch.Select(i => new { type = "track", userID = $"c-{i % 300}", @event = "Order Completed", properties = new { order_id = $"o-{i}" } })]);
    }

    /// <summary>Kills the process in the midst of sending, again and again; some of what it has sent last is not removed yet then, at whatever step it was.</summary>
    private static async Task MendUnderKillsAsync(HostProcess api)
    {
        TestContext.Out.WriteLine($"Seed {Kills.Seed}");
        var random = new Random(Kills.Seed);
        await Eventually.HoldsAsync("all are among the rejected", TimeSpan.FromSeconds(60), async () => await CountAsync(api) == Events);
        var interrupted = 0;
        for (long left = Events; left > 0;)
        {
            var mending = MendAsync(api);
            var enough = left - random.Next(1, 400);
            while (!mending.IsCompleted && await CountAsync(api) > enough)
                await Task.Delay(random.Next(0, 5));
            await api.Process.KillAsync();
            try
            {
                await mending;
            }
            catch (HttpRequestException cut) when (cut.StatusCode is null)
            {
                interrupted++;
            }

            await api.StartAsync();
            left = await CountAsync(api);
            TestContext.Out.WriteLine($"{left} are left");
        }

        Assert.That(interrupted, Is.GreaterThan(1), "kills hit requests that had begun to send");
    }

    private static async Task MendAsync(HostProcess api)
    {
        using var answer = await api.Client.PostAsJsonAsync("/api/rejected/resubmit", new { code = "missing-id", limit = 10_000, steps = new[] { new { rename = "userID", to = "userId" } } });
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<long> CountAsync(HostProcess api)
    {
        var groups = await api.Client.GetFromJsonAsync<JsonElement>("/api/rejected/groups");
        return groups.GetProperty("items").EnumerateArray().Sum(group => group.GetProperty("count").GetInt64());
    }

    private static async Task AssertEachCountsOnceAsync(string store)
    {
        var contents = await StoreContents.SettledAsync(store, Events, TimeSpan.FromSeconds(90));
        Assert.That(contents.Journal, Has.Count.EqualTo(Events));
        Assert.That(contents.Journal.Select(key => key.EventId), Is.Unique.And.All.StartsWith("rejected-"));
        Assert.That(contents.Documents, Has.Count.EqualTo(300));
    }
}
