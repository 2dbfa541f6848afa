using System.Net.Http.Json;
using System.Text.Json;
using TaggingPipeline.Pipeline.Specs.Webhooks;

namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>Promise 7, as a subscriber sees it.</summary>
[TestFixture, Category("Processes")]
public sealed class When_the_server_is_killed_while_it_delivers
{
    private static readonly TimeSpan CaughtUpWithin = TimeSpan.FromSeconds(120);

    [TestCase(1)]
    [TestCase(20)]
    public async Task Promise_7_a_subscriber_who_fails_at_random_has_every_change_in_order_and_without_gaps(int batchSize)
    {
        using var run = new LoadRun();
        await using var server = HostProcess.Standalone(run.Settings());
        await server.StartAsync();
        await using var receiver = await WebhookReceiver.StartAsync(FreePorts.Take());
        var (random, gate) = (new Random(Kills.Seed), new Lock());
        receiver.Answer = async (_, _) =>
        {
            int chance;
            lock (gate)
                chance = random.Next(100);
            await Task.Delay(chance % 7);
            return chance switch { < 3 => 500, < 4 => 429, < 6 => 400, _ => 200 };
        };
        using var asked = JsonContent.Create(new { id = "s", address = receiver.Url, start = "first", concurrency = 8, batchSize });
        (await server.Client.PostAsync("/api/subscriptions", asked)).EnsureSuccessStatusCode();

        await using var load = Load.Start(run.Events, server.Url, TimeSpan.FromMilliseconds(60));
        await Kills.RepeatAsync([server], Kills.Count);
        await load.StopAsync();
        receiver.Answer = (_, _) => Task.FromResult(200);
        var told = await CaughtUpAsync(server);

        var taken = receiver.Taken;
        var ids = taken.SelectMany(each => each.ChangeIds).ToList();
        TestContext.Out.WriteLine($"{told.Count} changes, {ids.Count - told.Count} of them delivered again, {receiver.All.Count - taken.Count} requests refused");
        DeliveredChanges.AssertOrdered(taken, told.Count);
        Assert.That(ids.ToHashSet(), Is.EquivalentTo(told));
        Assert.That(receiver.All, Has.Count.GreaterThan(taken.Count), "nothing was refused");
        Assert.That(taken.SelectMany(each => each.ChangeIds.Select(id => (each.Id, Change: id))).Distinct().GroupBy(each => each.Change).Select(same => same.Count()),
            batchSize == 1 ? Is.All.EqualTo(1) : Is.All.GreaterThan(0), "a change alone has one message id, however often it comes");
    }

    /// <returns>The ids of all changes of the feed.</returns>
    private static async Task<List<string>> CaughtUpAsync(HostProcess server)
    {
        var ids = new List<string>();
        var position = "0";
        await Eventually.HoldsAsync("everything is decided, told and delivered", CaughtUpWithin, async () =>
        {
            var shown = await server.Client.GetFromJsonAsync<JsonElement>("/api/subscriptions/s");
            var newest = shown.GetProperty("newestPosition").GetString();
            if (shown.GetProperty("position").GetString() != newest)
                return false;
            // What is still on its way through the pipeline would come within this time.
            await Task.Delay(TimeSpan.FromSeconds(3));
            shown = await server.Client.GetFromJsonAsync<JsonElement>("/api/subscriptions/s");
            return shown.GetProperty("position").GetString() == newest && shown.GetProperty("newestPosition").GetString() == newest;
        });
        while (true)
        {
            var page = await server.Client.GetFromJsonAsync<JsonElement>($"/api/changes?limit=1000&after={position}");
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(change => change.GetProperty("id").GetString()!));
            if (page.GetProperty("next").GetString() is not { } next)
                return ids;
            position = next;
        }
    }
}
