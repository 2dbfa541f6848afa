using System.Collections.Concurrent;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Brokers;
using TaggingPipeline.Pipeline.Specs.Processes;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.ServiceDefaults.Bus;

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

    [Test]
    public async Task Promise_1_every_partition_has_a_queue_before_any_evaluator_ever_ran()
    {
        await using var ingestion = await BusHost.StartAsync(_address, consumes: false);

        for (var partition = 0; partition < CustomerPartition.Count; partition++)
            await ingestion.Sender.SendAsync(QueueNames.EventsOf(partition), Messages.Batch("a"), CancellationToken.None);
        await PublishAsync("TaggingPipeline.Contracts:EventBatch", Messages.Text(Messages.Batch("b")), "application/json");

        await using var connection = await _broker.ConnectAsync(_virtualHost, CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        for (var partition = 0; partition < CustomerPartition.Count; partition++)
            Assert.That(await channel.MessageCountAsync(QueueNames.EventsOf(partition)), Is.EqualTo(1), "what is published by type goes to the public queue alone");
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
    public async Task What_cannot_be_read_is_set_aside_though_it_is_larger_than_what_is_sent()
    {
        await using var evaluation = await BusHost.StartAsync(_address);

        await PublishAsync(QueueNames.Events, new string('x', 17 * 1024 * 1024), "application/json");

        await HasErrorsAsync(1);
    }

    [Test]
    public async Task What_cannot_be_read_is_set_aside_though_it_says_that_another_user_has_published_it()
    {
        await using var evaluation = await BusHost.StartAsync(await _broker.AddUserAsync("pipeline", _virtualHost));

        await PublishAsync(QueueNames.Events, "this is not JSON", "application/json", RabbitMqServer.User);

        await HasErrorsAsync(1);
    }

    [Test]
    public async Task A_message_whose_consumer_fails_is_set_aside()
    {
        await using var evaluation = await BusHost.StartAsync(_address);

        await evaluation.Sender.SendAsync(QueueNames.Events, new EventBatch { Events = [Messages.Event("a", "fails")] }, CancellationToken.None);

        await HasErrorsAsync(1);
        await using var connection = await _broker.ConnectAsync(_virtualHost, CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        var kept = await channel.BasicGetAsync($"{QueueNames.Events}_error", autoAck: true);
        Assert.That(Encoding.UTF8.GetString(kept!.Body.Span), Does.Contain("\"fails\""));
        Assert.That((Header("MT-Fault-ExceptionType"), Header("MT-Fault-Message")), Is.EqualTo(("System.FormatException", "as the test wants")));

        string Header(string name) => Encoding.UTF8.GetString((byte[])kept.BasicProperties.Headers![name]!);
    }

    [Test]
    public async Task A_send_fails_while_no_queue_takes_it_and_later_ones_arrive()
    {
        await using var ingestion = await BusHost.StartAsync(_address, consumes: false);
        await using var connection = await _broker.ConnectAsync(_virtualHost, CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeleteAsync(QueueNames.Events);

        Assert.That(
            async () => await ingestion.Sender.SendAsync(QueueNames.Events, Messages.Batch("a"), CancellationToken.None),
            Throws.TypeOf<MessageRefusedException>().With.Message.Contains(QueueNames.Events));
        await ingestion.Sender.SendAsync(QueueNames.TagChanges, Messages.Changes(), CancellationToken.None);

        await using var evaluation = await BusHost.StartAsync(_address);
        await ingestion.Sender.SendAsync(QueueNames.Events, Messages.Batch("b"), CancellationToken.None);
        Assert.That((await evaluation.Received.NextBatchAsync()).Events[0].EventId, Is.EqualTo("b"));
    }

    [Test]
    public async Task A_send_fails_while_there_is_no_exchange_and_later_ones_arrive()
    {
        await using var ingestion = await BusHost.StartAsync(_address, consumes: false);
        await using var connection = await _broker.ConnectAsync(_virtualHost, CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        await channel.ExchangeDeleteAsync(QueueNames.Events);

        Assert.That(
            async () => await ingestion.Sender.SendAsync(QueueNames.Events, Messages.Batch("a"), CancellationToken.None),
            Throws.InstanceOf<OperationInterruptedException>().With.Message.Contains($"no exchange '{QueueNames.Events}'"));

        await using var evaluation = await BusHost.StartAsync(_address);
        await ingestion.Sender.SendAsync(QueueNames.Events, Messages.Batch("b"), CancellationToken.None);
        Assert.That((await evaluation.Received.NextBatchAsync()).Events[0].EventId, Is.EqualTo("b"));
    }

    [Test]
    public async Task A_message_that_is_too_large_fails_alone()
    {
        await using var ingestion = await BusHost.StartAsync(_address);
        var large = new EventBatch { Events = [Messages.Event("a", new string('x', 17 * 1024 * 1024))] };

        var others = Enumerable.Range(0, 20).Select(number => ingestion.Sender.SendAsync(QueueNames.Events, Messages.Batch($"{number}"), CancellationToken.None));
        Assert.That(
            async () => await ingestion.Sender.SendAsync(QueueNames.Events, large, CancellationToken.None),
            Throws.TypeOf<MessageRefusedException>().With.Message.Contains("bytes"));
        await Task.WhenAll(others);
    }

    [Test]
    public async Task What_a_consumer_sends_again_comes_with_the_number_of_its_round()
    {
        await using var projection = await BusHost.StartAsync(_address);
        projection.Received.RoundsWanted = 3;

        await projection.Sender.SendAsync(QueueNames.TagChanges, Messages.Changes(), CancellationToken.None);

        Assert.That(Messages.Text(await projection.Received.NextChangesAsync()), Is.EqualTo(Messages.Text(Messages.Changes())));
        Assert.That(projection.Received.Rounds, Is.EqualTo(new[] { 0, 1, 2, 3 }));
    }

    [Test]
    public async Task What_is_sent_is_plain_JSON_of_the_contracts()
    {
        await using (var ingestion = await BusHost.StartAsync(_address, consumes: false))
            await ingestion.Sender.SendAsync(QueueNames.Events, Messages.Batch("a"), CancellationToken.None);

        await using var connection = await _broker.ConnectAsync(_virtualHost, CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        var sent = await channel.BasicGetAsync(QueueNames.Events, autoAck: true);
        Assert.That(Encoding.UTF8.GetString(sent!.Body.Span), Is.EqualTo(Messages.Text(Messages.Batch("a"))));
        Assert.That((sent.BasicProperties.ContentType, sent.BasicProperties.DeliveryMode), Is.EqualTo(("application/json", DeliveryModes.Persistent)));
    }

    private async Task PublishAsync(string exchange, string body, string? contentType, string? user = null)
    {
        await using var connection = await _broker.ConnectAsync(_virtualHost, CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync(new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent };
        if (contentType is not null)
            properties.ContentType = contentType;
        if (user is not null)
            properties.UserId = user;
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
        catch (OperationInterruptedException)
        {
            return false; // not declared yet
        }
    });
}

[TestFixture, Category("RabbitMq")]
public sealed class When_the_broker_goes_away_and_comes_back
{
    private const int Senders = 8;

    private static readonly TimeSpan GoesOnWithin = TimeSpan.FromSeconds(60);

    /// <summary>How often the broker is killed or stopped, and started again.</summary>
    private static int Ends => Kills.IsLong ? 20 : 4;

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

        await UntilSafeAsync(host, "after");
        var received = await host.Received.NextBatchAsync();
        while (received.Events[0].EventId != "after")
            received = await host.Received.NextBatchAsync();
    }

    [Test]
    public async Task A_restart_between_two_sends_fails_neither()
    {
        await using var broker = await RabbitMqServer.StartNewAsync();
        var address = await broker.CreateVirtualHostAsync("restart");
        await using var host = await BusHost.StartAsync(address, consumes: false);
        await host.Sender.SendAsync(QueueNames.Events, Messages.Batch("before"), CancellationToken.None);

        await broker.StopAsync();
        await broker.StartAsync();

        await host.Sender.SendAsync(QueueNames.Events, Messages.Batch("after"), CancellationToken.None);
    }

    [Test]
    public async Task Promise_1_many_who_send_all_the_while_go_on_whenever_it_is_back()
    {
        await using var broker = await RabbitMqServer.StartNewAsync();
        var address = await broker.CreateVirtualHostAsync("ends");
        await using var host = await BusHost.StartAsync(address);
        using var enough = new CancellationTokenSource();
        var safe = new ConcurrentDictionary<string, int>();
        var senders = Enumerable.Range(0, Senders).Select(SendAllTheWhileAsync).ToArray();
        var random = new Random(Kills.Seed);

        for (var end = 0; end < Ends; end++)
        {
            await Task.Delay(random.Next(0, 700));
            // In order first: a broker killed soon after queues were declared for the first time may have forgotten them, and what they held.
            await (end % 2 == 0 ? broker.StopAsync() : broker.KillAsync());
            await broker.StartAsync();
            var before = safe.Keys.ToHashSet();
            await Eventually.HoldsAsync($"every sender goes on after end {end + 1}", GoesOnWithin, () =>
                Task.FromResult(safe.Keys.Where(id => !before.Contains(id)).Select(SenderOf).Distinct().Count() == Senders));
        }

        await enough.CancelAsync();
        await Task.WhenAll(senders).WaitAsync(GoesOnWithin);
        while (!safe.IsEmpty)
            safe.TryRemove((await host.Received.NextBatchAsync()).Events[0].EventId, out _);

        async Task SendAllTheWhileAsync(int sender)
        {
            for (var number = 0; !enough.IsCancellationRequested; number++)
            {
                var id = $"{sender}-{number}";
                await UntilSafeAsync(host, id);
                safe[id] = sender;
                await Task.Delay(5);
            }
        }

        static string SenderOf(string id) => id.Split('-')[0];
    }

    private static Task UntilSafeAsync(BusHost host, string id) => Eventually.HoldsAsync($"{id} is safe", GoesOnWithin, async () =>
    {
        try
        {
            await host.Sender.SendAsync(QueueNames.Events, Messages.Batch(id), CancellationToken.None);
            return true;
        }
        catch (Exception)
        {
            return false; // the broker is away
        }
    });
}
