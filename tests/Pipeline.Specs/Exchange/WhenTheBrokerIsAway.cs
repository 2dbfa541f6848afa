using TaggingPipeline.Pipeline.Specs.Brokers;
using TaggingPipeline.Pipeline.Specs.Processes;
using TaggingPipeline.Pipeline.Specs.Projection;

namespace TaggingPipeline.Pipeline.Specs.Exchange;

[Category("RabbitMq")]
public sealed class WhenTheBrokerIsAway
{
    private static readonly string[] Everything = ["#"];

    [Test]
    public async Task What_could_not_be_published_is_published_from_the_feed_when_it_is_back()
    {
        using var folder = new TemporaryFolder();
        await using var broker = await RabbitMqServer.StartNewAsync();
        var bus = await broker.CreateVirtualHostAsync("away");
        await using var host = await ExchangeHost.StartAsync(bus, folder["store.db"]);
        await host.AskAsync(HttpMethod.Put, "/api/queues/subscriber.all", new { bindings = Everything });
        var ann = new ToldCustomer("ann");
        await host.ProjectAsync(ann.Tells(("tier", "1")));
        await broker.KeepQueuesAsync();

        await broker.StopAsync();
        await host.ProjectAsync(ann.Tells(("tier", "2")), ann.Tells(("tier", "3")));
        Assert.That((await host.AskAsync(HttpMethod.Get, "/api/queues")).Status, Is.EqualTo(503), "whoever asks for queues is told");
        await broker.StartAsync();

        await using var connection = await broker.ConnectAsync("away", CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        var ids = new List<string>();
        await Eventually.HoldsAsync("all three came", TimeSpan.FromSeconds(90), async () =>
        {
            while (await channel.BasicGetAsync("subscriber.all", autoAck: true) is { } next)
                ids.Add(next.BasicProperties.MessageId!);
            return ids.Contains("ann:tag:3");
        });
        Assert.That(ids.Distinct(), Is.EqualTo(new[] { "ann:tag:1", "ann:tag:2", "ann:tag:3" }));
    }
}
