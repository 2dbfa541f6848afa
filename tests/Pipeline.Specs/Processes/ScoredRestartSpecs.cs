using System.Text.Json;
using TaggingPipeline.Pipeline.Specs.Evaluation;

namespace TaggingPipeline.Pipeline.Specs.Processes;

[TestFixture, Category("Processes")]
public sealed class When_a_server_that_scores_customers_is_started_again
{
    [Test]
    public async Task Nobody_is_decided_without_the_recorded_snapshot()
    {
        using var folder = new TemporaryFolder();
        await using var server = HostProcess.Standalone(new Dictionary<string, string?>
        {
            ["Store"] = $"sqlite:{folder["tagging.db"]}",
            ["Rulebook"] = folder.Write("rulebook.yaml", ScoredShop.Text),
        });
        await server.StartAsync();
        await Tracking.SendAsync(server, Order("ann", 1), Order("bob", 2));
        await HasRankAsync(server, "ann");
        var snapshot = await SnapshotAsync(server);

        await server.StartAsync();
        await Tracking.SendAsync(server, Order("ann", 3));
        await Eventually.HoldsAsync("the feed tells of Ann's second order", TimeSpan.FromSeconds(15), async () =>
            (await Tracking.ChangesAsync(server, "ann")).Count(change => change.Data.Key == "spent") == 2);

        Assert.That((await Tracking.ChangesAsync(server, "ann")).Select(change => change.Type), Has.None.EqualTo("tag.removed"));
        Assert.That(await SnapshotAsync(server), Is.EqualTo(snapshot), "it is as it was recorded");
    }

    private static object Order(string customer, int total) =>
        new { userId = customer, type = "track", @event = "Order Completed", properties = new { order_id = $"{customer}-{total}", total } };

    private static Task HasRankAsync(HostProcess server, string customer) => Eventually.HoldsAsync(
        $"{customer} has a rank", TimeSpan.FromSeconds(15), async () => (await Tracking.TagsAsync(server, customer)).Contains("rank"));

    private static async Task<string> SnapshotAsync(HostProcess server) =>
        JsonSerializer.Deserialize<JsonElement>(await server.Client.GetStringAsync("/api/population")).GetProperty("snapshot").GetRawText();
}
