using System.Net;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Pipeline.Specs.Ingestion;

/// <summary>As on RabbitMQ, where evaluators share the customers.</summary>
public sealed class WhenCustomersArePartitioned
{
    private IngestionHost _host = null!;

    [SetUp]
    public async Task Start() => _host = await IngestionHost.StartAsync(queues: EventQueues.ByPartition);

    [TearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task Each_event_goes_to_the_queue_of_its_customers_partition()
    {
        string[] customers = [.. Enumerable.Range(0, 200).Select(i => $"c{i % 100}")];

        await TrackAsync(customers);

        foreach (var (queue, batch) in _host.Sender.Queued)
            Assert.That(batch.Events.Select(each => QueueNames.EventsOf(CustomerPartition.Of(each.CustomerId))), Is.All.EqualTo(queue));
        Assert.That(_host.Sender.Queued.Select(queued => queued.Queue), Is.Unique.And.EquivalentTo(Enumerable.Range(1, 16).Select(number => $"tagging-events-{number}")));
        Assert.That(_host.Sender.Events.Select(each => each.CustomerId), Is.EquivalentTo(customers));
    }

    [Test]
    public async Task There_is_no_message_for_a_partition_of_which_nothing_came()
    {
        await TrackAsync("ann", "ann", "ann");

        Assert.That(_host.Sender.Queued.Single().Queue, Is.EqualTo(QueueNames.EventsOf(CustomerPartition.Of("ann"))));
    }

    [Test]
    public async Task A_request_is_safe_only_when_every_part_of_it_is()
    {
        _host.Sender.Failure = new InvalidOperationException("this queue is away");
        _host.Sender.FailingQueue = QueueNames.EventsOf(CustomerPartition.Of("ann"));

        Assert.That((await TrackAsync("ann", "bob", "cleo", "dora", "emil")).Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));

        _host.Sender.Failure = null;
        Assert.That((await TrackAsync("ann", "bob", "cleo", "dora", "emil")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(_host.Sender.Events.Select(each => each.CustomerId), Has.Exactly(1).EqualTo("ann").And.Exactly(2).EqualTo("bob"), "what was safe came again");
    }

    [Test]
    public async Task All_parts_are_sent_at_once_and_what_comes_meanwhile_shares_the_next()
    {
        _host.Sender.Hold();
        string[] customers = [.. Enumerable.Range(0, 100).Select(i => $"c{i}")];
        var first = TrackAsync(customers);
        await IngestionHost.UntilAsync(() => _host.Sender.Started == CustomerPartition.Count, "all parts are on their way");

        Task<Answer>[] later = [.. Enumerable.Range(0, 10).Select(_ => TrackAsync(customers))];
        await IngestionHost.UntilAsync(() => _host.Clock.Timers == CustomerPartition.Count + 1 + later.Length, "the others have handed in their events");
        Assert.That((first.IsCompleted, _host.Sender.Started), Is.EqualTo((false, CustomerPartition.Count)));
        _host.Sender.Release();

        Assert.That(await Task.WhenAll([first, .. later]), Is.All.Property("Status").EqualTo(HttpStatusCode.OK));
        Assert.That(_host.Sender.Started, Is.EqualTo(2 * CustomerPartition.Count), "of each partition all that came meanwhile");
    }

    private Task<Answer> TrackAsync(params string[] customers) => _host.TrackAsync(
        "/v1/batch", $$"""{"batch": [{{string.Join(',', customers.Select(customer => $$"""{"type": "track", "event": "E", "userId": "{{customer}}"}"""))}}]}""");
}
