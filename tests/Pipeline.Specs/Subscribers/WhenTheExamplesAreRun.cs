using RabbitMQ.Client.Exceptions;
using TaggingPipeline.Pipeline.Specs.Brokers;
using TaggingPipeline.Pipeline.Specs.Exchange;
using TaggingPipeline.Pipeline.Specs.Processes;
using TaggingPipeline.Pipeline.Specs.Projection;

namespace TaggingPipeline.Pipeline.Specs.Subscribers;

[Category("RabbitMq")]
public sealed class WhenTheExamplesAreRun
{
    private const string Queue = "subscriber.example";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly Func<string, string, string[], SubscriberProgram>[] Programs =
        [(bus, file, patterns) => SubscriberProgram.InCSharp(bus, Queue, file, patterns), (bus, file, patterns) => SubscriberProgram.InPython(bus, Queue, file, patterns)];

    private static string VirtualHost => $"examples-{TestContext.CurrentContext.Test.ID}";

    [TestCase(0, TestName = "The_example_in_CSharp_records_what_its_patterns_fit_once")]
    [TestCase(1, TestName = "The_example_in_Python_with_no_dotNET_records_what_its_patterns_fit_once")]
    public async Task An_example_records_what_its_patterns_fit_once(int program)
    {
        using var folder = new TemporaryFolder();
        var broker = await SharedBroker.GetAsync();
        var bus = await broker.CreateVirtualHostAsync(VirtualHost);
        await using var host = await ExchangeHost.StartAsync(bus, folder["store.db"]);
        await using var subscriber = Programs[program](bus, folder["changes.jsonl"], ["segment.#", "tag.tier.*"]);
        await subscriber.BeginAsync();
        await ReadsAsync(broker);
        var ann = new ToldCustomer("ann 消息");

        await host.ProjectAsync(ann.Tells(("vip", true), ("tier", "low")));
        await RecordedAsync(subscriber, "ann 消息:tag:2", "ann 消息:segment:1");

        await subscriber.KillAsync();
        await host.ProjectAsync(ann.Tells(("vip", null), ("tier", "high")));
        await subscriber.BeginAsync();
        await RecordedAsync(subscriber, "ann 消息:tag:2", "ann 消息:segment:1", "ann 消息:tag:4", "ann 消息:segment:2");
    }

    private static Task RecordedAsync(SubscriberProgram subscriber, params string[] ids) => Eventually.HoldsAsync($"{string.Join(", ", ids)} are recorded", Patience, () =>
    {
        Assert.That(subscriber.HasExited, Is.False);
        return Task.FromResult(subscriber.Record().Select(change => change.Id).SequenceEqual(ids));
    });

    private static Task ReadsAsync(RabbitMqServer broker) => Eventually.HoldsAsync("the subscriber reads its queue", Patience, async () =>
    {
        await using var connection = await broker.ConnectAsync(VirtualHost, CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            return await channel.ConsumerCountAsync(Queue) > 0;
        }
        catch (OperationInterruptedException)
        {
            return false; // not declared yet
        }
    });
}
