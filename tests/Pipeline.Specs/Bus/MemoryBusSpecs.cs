using MassTransit;
using TaggingPipeline.Contracts;

namespace TaggingPipeline.Pipeline.Specs.Bus;

[TestFixture]
public sealed class When_the_bus_is_in_memory
{
    [Test]
    public async Task A_send_returns_when_the_consumer_has_answered_and_nothing_is_lost_on_the_way()
    {
        await using var host = await BusHost.StartAsync("memory");
        var batch = Messages.Batch("a", "b");
        var changes = Messages.Changes();

        await host.Sender.SendAsync(QueueNames.Events, batch, CancellationToken.None);
        await host.Sender.SendAsync(QueueNames.TagChanges, changes, CancellationToken.None);

        Assert.That(host.Received.Batches.Reader.TryRead(out var received), Is.True);
        Assert.That(Messages.Text(received), Is.EqualTo(Messages.Text(batch)));
        Assert.That(host.Received.Changes.Reader.TryRead(out var told), Is.True);
        Assert.That(Messages.Text(told), Is.EqualTo(Messages.Text(changes)));
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
}
