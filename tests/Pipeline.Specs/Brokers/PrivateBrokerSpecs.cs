using System.Text;
using RabbitMQ.Client;

namespace TaggingPipeline.Pipeline.Specs.Brokers;

[TestFixture, Category("RabbitMq")]
public sealed class When_the_private_broker_is_killed
{
    private const string Queue = "kept";

    [Test]
    public async Task What_it_confirmed_is_there_when_it_is_started_again()
    {
        await using var broker = await RabbitMqServer.StartNewAsync();
        await broker.CreateVirtualHostAsync("specs");
        await PublishAsync(broker, "before");
        await broker.KeepQueuesAsync();

        await broker.KillAsync();
        Assert.That(broker.IsRunning, Is.False);
        await broker.StartAsync();

        await using var connection = await broker.ConnectAsync("specs", CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        var kept = await channel.BasicGetAsync(Queue, autoAck: true);
        Assert.That(kept, Is.Not.Null);
        Assert.That(Encoding.UTF8.GetString(kept!.Body.Span), Is.EqualTo("before"));
    }

    private static async Task PublishAsync(RabbitMqServer broker, string text)
    {
        await using var connection = await broker.ConnectAsync("specs", CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false);
        await channel.BasicPublishAsync(
            "", Queue, mandatory: true, new BasicProperties { DeliveryMode = DeliveryModes.Persistent }, Encoding.UTF8.GetBytes(text));
    }
}
