using System.Text;
using MassTransit;
using RabbitMQ.Client;
using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Brokers;
using TaggingPipeline.Pipeline.Specs.Processes;

namespace TaggingPipeline.Pipeline.Specs.Bus;

[TestFixture, Category("RabbitMq")]
public sealed class When_the_bus_is_a_broker
{
    private string _virtualHost = "";
    private string _address = "";
    private RabbitMqServer _broker = null!;

    [SetUp]
    public async Task A_virtual_host_of_its_own()
    {
        _broker = await SharedBroker.GetAsync();
        _virtualHost = $"bus-{TestContext.CurrentContext.Test.ID}";
        _address = await _broker.CreateVirtualHostAsync(_virtualHost);
    }

    [Test]
    public async Task Promise_1_what_was_sent_before_any_consumer_ever_ran_is_kept()
    {
        await using (var ingestion = await BusHost.StartAsync(_address, consumes: false))
        {
            await ingestion.Sender.SendAsync(QueueNames.Events, Messages.Batch("a", "b"), CancellationToken.None);
            await ingestion.Sender.SendAsync(QueueNames.TagChanges, Messages.Changes(), CancellationToken.None);
        }

        await using var evaluation = await BusHost.StartAsync(_address);
        Assert.That(Messages.Text(await evaluation.Received.NextBatchAsync()), Is.EqualTo(Messages.Text(Messages.Batch("a", "b"))));
        Assert.That(Messages.Text(await evaluation.Received.NextChangesAsync()), Is.EqualTo(Messages.Text(Messages.Changes())));
    }

    [Test]
    public async Task What_a_shop_publishes_by_type_before_any_consumer_ever_ran_is_kept()
    {
        await using (await BusHost.StartAsync(_address, consumes: false))
        {
            await PublishAsync("TaggingPipeline.Contracts:EventBatch", Messages.Text(Messages.Batch("a")), "application/json");
        }

        await using var evaluation = await BusHost.StartAsync(_address);
        Assert.That(Messages.Text(await evaluation.Received.NextBatchAsync()), Is.EqualTo(Messages.Text(Messages.Batch("a"))));
    }

    [TestCase("application/json")]
    [TestCase("text/plain")]
    [TestCase(null)]
    public async Task Plain_JSON_of_the_contracts_is_read(string? contentType)
    {
        await using var evaluation = await BusHost.StartAsync(_address);

        await PublishAsync(QueueNames.Events, Messages.Text(Messages.Batch("a")), contentType);

        Assert.That(Messages.Text(await evaluation.Received.NextBatchAsync()), Is.EqualTo(Messages.Text(Messages.Batch("a"))));
    }

    [TestCase("this is not JSON")]
    [TestCase("""{"events": [{"eventId": 12}]}""")]
    public async Task What_cannot_be_read_is_set_aside_and_the_next_is_read(string body)
    {
        await using var evaluation = await BusHost.StartAsync(_address);

        await PublishAsync(QueueNames.Events, body, "application/json");
        await PublishAsync(QueueNames.Events, Messages.Text(Messages.Batch("a")), "application/json");

        Assert.That((await evaluation.Received.NextBatchAsync()).Events[0].EventId, Is.EqualTo("a"));
        await HasErrorsAsync(1);
    }

    [Test]
    public async Task A_message_whose_consumer_fails_is_set_aside()
    {
        await using var evaluation = await BusHost.StartAsync(_address);

        await evaluation.Sender.SendAsync(QueueNames.Events, new EventBatch { Events = [Messages.Event("a", "fails")] }, CancellationToken.None);

        await HasErrorsAsync(1);
    }

    [Test]
    public async Task A_send_fails_when_no_queue_takes_it()
    {
        await using var ingestion = await BusHost.StartAsync(_address, consumes: false);
        await using (var connection = await _broker.ConnectAsync(_virtualHost, CancellationToken.None))
        {
            await using var channel = await connection.CreateChannelAsync();
            await channel.QueueDeleteAsync(QueueNames.Events);
        }

        Assert.That(
            async () => await ingestion.Sender.SendAsync(QueueNames.Events, Messages.Batch("a"), CancellationToken.None),
            Throws.TypeOf<MessageReturnedException>());
    }

    private async Task PublishAsync(string exchange, string body, string? contentType)
    {
        await using var connection = await _broker.ConnectAsync(_virtualHost, CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync(new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent };
        if (contentType is not null)
            properties.ContentType = contentType;
        await channel.BasicPublishAsync(exchange, "", mandatory: true, properties, Encoding.UTF8.GetBytes(body));
    }

    private Task HasErrorsAsync(uint count) => Eventually.HoldsAsync("the message is in the error queue", TimeSpan.FromSeconds(30), async () =>
    {
        await using var connection = await _broker.ConnectAsync(_virtualHost, CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            return await channel.MessageCountAsync($"{QueueNames.Events}_error") == count;
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return false; // not declared yet
        }
    });
}

[TestFixture, Category("RabbitMq")]
public sealed class When_the_broker_goes_away_and_comes_back
{
    [Test]
    public async Task Promise_1_a_send_meanwhile_fails_in_time_and_later_ones_arrive()
    {
        await using var broker = await RabbitMqServer.StartNewAsync();
        var address = await broker.CreateVirtualHostAsync("outage");
        await using var host = await BusHost.StartAsync(address);
        await host.Sender.SendAsync(QueueNames.Events, Messages.Batch("before"), CancellationToken.None);
        await host.Received.NextBatchAsync();

        await broker.KillAsync();
        Assert.That(
            async () => await host.Sender.SendAsync(QueueNames.Events, Messages.Batch("meanwhile"), CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(40)),
            Throws.Exception);
        await broker.StartAsync();

        await Eventually.HoldsAsync("a send succeeds", TimeSpan.FromSeconds(60), async () =>
        {
            try
            {
                await host.Sender.SendAsync(QueueNames.Events, Messages.Batch("after"), CancellationToken.None);
                return true;
            }
            catch (Exception failed) when (failed is TimeoutException or MassTransitException)
            {
                return false;
            }
        });
        var received = await host.Received.NextBatchAsync();
        while (received.Events[0].EventId != "after")
            received = await host.Received.NextBatchAsync();
    }
}
