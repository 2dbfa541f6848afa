using System.Diagnostics;
using TaggingPipeline.Pipeline.Specs.Brokers;

namespace TaggingPipeline.Pipeline.Specs.Processes;

[TestFixture, Category("Processes"), Category("RabbitMq")]
public sealed class When_two_evaluators_share_the_work
{
    private const int BusyCustomers = 50;

    [TestCaseSource(typeof(TestedStores), nameof(TestedStores.All))]
    public async Task Each_handles_its_own_customers_and_they_rarely_meet(string store)
    {
        using var run = new LoadRun(store, BusyCustomers);
        await using var services = await StartAsync(run.Settings, $"shared-{store}");

        await using var load = Load.Start(run.Events, services.Ingestion.Url, TimeSpan.FromMilliseconds(5));
        await Eventually.HoldsAsync("a thousand batches are acknowledged", TimeSpan.FromSeconds(60), () => Task.FromResult(load.Acknowledged >= 1_000));
        var acknowledged = await load.StopAsync();
        await run.AssertPromisesAsync(acknowledged);

        var committed = await services.Evaluators.CountsAsync("committed");
        var overtaken = await services.Evaluators.CountsAsync("overtaken");
        TestContext.Out.WriteLine($"Committed {string.Join(" and ", committed)} events, overtaken {string.Join(" and ", overtaken)} times");
        Assert.That(committed.Sum(), Is.EqualTo(acknowledged.SelectMany(run.Events.KeysOf).Distinct().Count()));
        Assert.That(committed, Is.All.GreaterThan(committed.Sum() / 4));
        Assert.That(overtaken.Sum(), Is.LessThanOrEqualTo(committed.Sum() / 1_000));
    }

    [TestCaseSource(typeof(TestedStores), nameof(TestedStores.All))]
    public async Task The_share_of_one_that_is_killed_is_taken_over(string store)
    {
        using var run = new LoadRun(store);
        await using var services = await StartAsync(run.Settings, $"taken-over-{store}");
        await using var load = Load.Start(run.Events, services.Ingestion.Url, TimeSpan.FromMilliseconds(50));
        await Eventually.HoldsAsync("both have committed events", TimeSpan.FromSeconds(30), async () => (await services.Evaluators.CountsAsync("committed")).All(count => count > 100));

        await services.Evaluators[0].Process.KillAsync();
        var taken = await TakenOverAsync(services.Evaluators[1]);
        await run.AssertPromisesAsync(await load.StopAsync());

        TestContext.Out.WriteLine($"Taken over {taken.TotalSeconds:0.0} s after the kill");
        Assert.That(taken, Is.LessThan(TimeSpan.FromSeconds(8)), "the stay is three seconds, and evaluators sign in every second");
    }

    [TestCaseSource(typeof(TestedStores), nameof(TestedStores.All))]
    public async Task The_share_of_one_that_ends_in_order_is_handed_over_at_once(string store)
    {
        using var run = new LoadRun(store);
        await using var services = await StartAsync(run.Settings, $"handed-over-{store}");
        await using var load = Load.Start(run.Events, services.Ingestion.Url, TimeSpan.FromMilliseconds(50));

        Assert.That(await services.Evaluators[0].Process.TerminateAsync(TimeSpan.FromSeconds(30)), Is.Zero);
        var taken = await TakenOverAsync(services.Evaluators[1]);
        await run.AssertPromisesAsync(await load.StopAsync());

        TestContext.Out.WriteLine($"Handed over {taken.TotalSeconds:0.0} s after the end");
        Assert.That(taken, Is.LessThan(TimeSpan.FromSeconds(2.5)), "nobody waits for the end of its stay");
    }

    [TestCaseSource(typeof(TestedStores), nameof(TestedStores.All))]
    public async Task Each_due_customer_is_decided_once_and_within_a_second(string store)
    {
        const int Customers = 300;
        var window = TimeSpan.FromSeconds(60);
        using var folder = new TemporaryFolder();
        var rulebook = folder.Write("rulebook.yaml", """
            rulebook: timers
            tags:
              - { key: active, category: behaviour, when: "exists(browse, 60s)" }
            """);
        var address = TestedStores.NewAddress(store, folder);
        await using var services = await StartAsync(bus => new() { ["Store"] = address, ["Bus"] = bus, ["Rulebook"] = rulebook }, $"timers-{store}");

        var occurredAt = DateTimeOffset.UtcNow - window + TimeSpan.FromSeconds(8);
        await Tracking.SendAsync(services.Ingestion, [.. Enumerable.Range(0, Customers).Select(i => new { userId = $"customer-{i}", type = "page", name = "Home", timestamp = occurredAt })]);
        await Eventually.HoldsAsync("all are decided", TimeSpan.FromSeconds(40), async () => (await services.Evaluators.CountsAsync("due")).Sum() >= Customers);
        var contents = await StoreContents.SettledAsync(address, Customers, TimeSpan.FromSeconds(30));

        var due = await services.Evaluators.CountsAsync("due");
        var overtaken = await services.Evaluators.CountsAsync("overtaken");
        var ended = contents.Feed.Where(change => change.Type == "tag.removed").ToList();
        var late = ended.Max(change => change.Time) - (occurredAt + window);
        TestContext.Out.WriteLine($"Decided {string.Join(" and ", due)} customers, overtaken {string.Join(" and ", overtaken)} times, the last {late.TotalMilliseconds:0} ms after the instant");
        Assert.That((due.Sum(), overtaken.Sum()), Is.EqualTo((Customers, 0)));
        Assert.That(due, Is.All.GreaterThan(Customers / 4));
        Assert.That(ended.Select(change => change.Subject), Is.Unique.And.Exactly(Customers).Items);
        Assert.That(late, Is.LessThan(TimeSpan.FromSeconds(1)));
    }

    private static async Task<DistributedServices> StartAsync(Func<string, Dictionary<string, string?>> settings, string virtualHost)
    {
        var broker = await SharedBroker.GetAsync();
        var services = await DistributedServices.StartAsync(settings(await broker.CreateVirtualHostAsync(virtualHost)), evaluators: 2);
        await services.Evaluators.HaveDividedAllAsync();
        return services;
    }

    /// <summary>How long it took from now until the other had everything.</summary>
    private static async Task<TimeSpan> TakenOverAsync(HostProcess other)
    {
        var since = Stopwatch.StartNew();
        await new[] { other }.HaveDividedAllAsync();
        return since.Elapsed;
    }
}
