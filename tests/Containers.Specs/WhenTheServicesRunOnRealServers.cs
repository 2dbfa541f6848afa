using System.Net.Http.Json;
using System.Text.Json;
using TaggingPipeline.Pipeline.Specs.Processes;
using TaggingPipeline.Storage.Specs.MongoDb;

namespace TaggingPipeline.Containers.Specs;

[TestFixture]
public sealed class When_the_services_run_on_real_servers
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [Test]
    public async Task What_a_customer_does_becomes_tags_changes_and_a_membership()
    {
        using var folder = new TemporaryFolder();
        var settings = new Dictionary<string, string?>
        {
            ["Store"] = MongoStore.AddressOf($"tagging-test-{Guid.NewGuid():N}"),
            ["Bus"] = ContainersOfTheRun.Bus,
            ["Rulebook"] = folder.Write("load.yaml", LoadRulebook.Text),
        };
        await using var ingestion = HostProcess.Of("Ingestion", settings);
        await using var evaluator = HostProcess.Of("RuleEvaluation", settings);
        await using var another = HostProcess.Of("RuleEvaluation", settings);
        await using var projection = HostProcess.Of("Projection", settings);
        await Task.WhenAll(ingestion.StartAsync(), evaluator.StartAsync(), another.StartAsync(), projection.StartAsync());

        string[] customers = [.. Enumerable.Range(0, 20).Select(i => $"customer-{i}")];
        foreach (var customer in customers)
            await Tracking.SendAsync(ingestion, new { type = "track", userId = customer, @event = "Order Completed", properties = new { order_id = customer, total = 600 } });

        await Eventually.HoldsAsync("every customer is a member", Soon, async () => (await MembersAsync(projection)).Count == customers.Length);
        foreach (var customer in customers)
        {
            Assert.That(await Tracking.TagsAsync(projection, customer), Is.SupersetOf(new[] { "value-tier", "spent" }));
            Assert.That((await Tracking.ChangesAsync(projection, customer)).Select(change => change.Id), Is.Unique.And.SupersetOf(new[] { $"{customer}:tag:1", $"{customer}:segment:1" }));
        }
    }

    private static async Task<IReadOnlyList<string>> MembersAsync(HostProcess projection)
    {
        var page = await projection.Client.GetFromJsonAsync<JsonElement>("/api/segments/valued/members?limit=100");
        return [.. page.GetProperty("items").EnumerateArray().Select(member => member.ToString())];
    }
}
