using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Brokers;
using TaggingPipeline.Pipeline.Specs.Subscribers;

namespace TaggingPipeline.Pipeline.Specs.Processes;

[TestFixture, Category("Processes"), Category("RabbitMq")]
public sealed class When_projection_and_subscribers_are_killed_under_load
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [TestCaseSource(typeof(TestedStores), nameof(TestedStores.All))]
    public async Task Promise_7_each_subscriber_has_every_change_of_every_customer_once_and_in_order(string store)
    {
        using var run = new LoadRun(store, customers: 60);
        using var folder = new TemporaryFolder();
        var broker = await SharedBroker.GetAsync();
        var bus = await broker.CreateVirtualHostAsync($"subscribers-killed-{store}");
        var settings = run.Settings(bus);
        await using var services = await DistributedServices.StartAsync(settings);
        SubscriberProgram[] subscribers =
        [
            SubscriberProgram.InCSharp(bus, "subscriber.csharp", folder["csharp.jsonl"], "#"),
            SubscriberProgram.InPython(bus, "subscriber.python", folder["python.jsonl"], "tag.#", "segment.#"),
            SubscriberProgram.OfTheCommand(services.Projection.Url, folder["command.jsonl"]),
        ];
        try
        {
            foreach (var subscriber in subscribers)
                await subscriber.BeginAsync();
            await HaveQueuesAsync(broker, $"subscribers-killed-{store}");
            await using var load = Load.Start(run.Events, services.Ingestion.Url, TimeSpan.FromMilliseconds(100));
            await KillAsync(services.Projection, subscribers);
            var acknowledged = await load.StopAsync();

            var events = acknowledged.SelectMany(run.Events.KeysOf).Distinct().Count();
            var feed = (await StoreContents.SettledAsync(settings["Store"]!, events, Patience)).Feed;
            foreach (var subscriber in subscribers)
                await AssertCompleteAsync(subscriber, feed);
        }
        finally
        {
            foreach (var subscriber in subscribers)
                await subscriber.DisposeAsync();
        }
    }

    private static async Task KillAsync(HostProcess projection, SubscriberProgram[] subscribers)
    {
        var kills = 2 * Kills.Count;
        TestContext.Out.WriteLine($"Seed {Kills.Seed}, {kills} kills");
        var random = new Random(Kills.Seed);
        for (var kill = 0; kill < kills; kill++)
        {
            await Task.Delay(random.Next(0, 4000)); // a program needs some seconds to start and to get anything that can come again
            if (random.Next(3) == 0)
            {
                await projection.Process.KillAsync();
                await projection.BeginAsync();
                continue;
            }

            var subscriber = subscribers[random.Next(subscribers.Length)];
            if (!subscriber.HasExited)
                await subscriber.KillAsync();
            await subscriber.BeginAsync();
        }

        await projection.ReadyAsync();
    }

    private static async Task AssertCompleteAsync(SubscriberProgram subscriber, IReadOnlyList<ChangeEnvelope> feed)
    {
        var expected = feed.Select(change => change.Id).ToHashSet();
        IReadOnlyList<ChangeEnvelope> record = [];
        await Eventually.HoldsAsync($"{subscriber.Name} has {expected.Count} changes", Patience, async () =>
        {
            if (subscriber.HasExited) // it found nobody to connect to when it was started
                await subscriber.BeginAsync();
            record = subscriber.Record();
            return expected.IsSubsetOf(record.Select(change => change.Id));
        });

        var once = record.DistinctBy(change => change.Id).ToList();
        TestContext.Out.WriteLine($"{subscriber.Name}: {once.Count} changes, {record.Count - once.Count} of them recorded again");
        Assert.That(once.Select(change => change.Id), Is.EquivalentTo(expected), subscriber.Name);
        foreach (var changes in once.GroupBy(change => (change.Subject, change.Type[..3])))
            Assert.That(changes.Select(change => change.Sequence), Is.EqualTo(Enumerable.Range(1, changes.Count()).Select(number => (long)number)), $"{subscriber.Name}, {changes.Key}");
        foreach (var changes in once.GroupBy(change => (change.Subject, change.Type[..3], change.Data.Key)))
            Assert.That(changes.Select(change => change.KeySequence), Is.EqualTo(Enumerable.Range(1, changes.Count()).Select(number => (long)number)), $"{subscriber.Name}, {changes.Key}");
    }

    private static Task HaveQueuesAsync(RabbitMqServer broker, string virtualHost) => Eventually.HoldsAsync("both queues are bound and read", Patience, async () =>
    {
        await using var connection = await broker.ConnectAsync(virtualHost, CancellationToken.None);
        try
        {
            await using var channel = await connection.CreateChannelAsync();
            return await channel.ConsumerCountAsync("subscriber.csharp") > 0 && await channel.ConsumerCountAsync("subscriber.python") > 0;
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return false; // not declared yet
        }
    });
}
