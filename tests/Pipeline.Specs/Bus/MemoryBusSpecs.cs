using MassTransit;
using TaggingPipeline.Contracts;

namespace TaggingPipeline.Pipeline.Specs.Bus;

[TestFixture]
public sealed class When_the_bus_is_in_memory
{
    [Test]
    public async Task A_send_returns_when_the_consumer_has_answered_and_got_what_was_sent()
    {
        await using var host = await BusHost.StartAsync("memory");
        var batch = Messages.Batch("a", "b");
        var changes = Messages.Changes();

        await host.Sender.SendAsync(QueueNames.Events, batch, CancellationToken.None);
        await host.Sender.SendAsync(QueueNames.TagChanges, changes, CancellationToken.None);

        Assert.That(host.Received.Batches.Reader.TryRead(out var received), Is.True);
        Assert.That(received, Is.SameAs(batch));
        Assert.That(host.Received.Changes.Reader.TryRead(out var told), Is.True);
        Assert.That(told, Is.SameAs(changes));
    }

    [Test]
    public async Task A_send_of_what_the_consumer_sends_again_returns_when_it_has_answered_in_the_end()
    {
        await using var host = await BusHost.StartAsync("memory");
        host.Received.RoundsWanted = 3;

        await host.Sender.SendAsync(QueueNames.TagChanges, Messages.Changes(), CancellationToken.None);

        Assert.That(host.Received.Changes.Reader.TryRead(out _), Is.True);
        Assert.That(host.Received.Rounds, Is.EqualTo(new[] { 0, 1, 2, 3 }));
    }

    [Test]
    public async Task A_send_fails_when_the_consumer_failed()
    {
        await using var host = await BusHost.StartAsync("memory");
        var batch = new EventBatch { Events = [Messages.Event("a", "fails")] };

        Assert.That(
            async () => await host.Sender.SendAsync(QueueNames.Events, batch, CancellationToken.None),
            Throws.TypeOf<RequestFaultException>());
    }

    [Test]
    public async Task A_message_that_failed_is_in_the_error_queue()
    {
        await using var host = await BusHost.StartAsync("memory", readsErrors: true);
        var batch = new EventBatch { Events = [Messages.Event("a", "fails")] };

        Assert.That(async () => await host.Sender.SendAsync(QueueNames.Events, batch, CancellationToken.None), Throws.TypeOf<RequestFaultException>());

        Assert.That(await host.Received.NextFailedAsync(), Is.SameAs(batch));
    }
}
