using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Doubles;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rejections;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Projection;
using TaggingPipeline.Projection.Changes;

namespace TaggingPipeline.Pipeline.Specs.Projection;

/// <summary>The consumers on MassTransit's in-memory bus, wired as a host wires them. Pauses are cut short by the clock.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class WhenMessagesComeOverTheBus
{
    private readonly ViewsInMemory _views = new();
    private readonly RejectedInMemory _rejected = new();
    private readonly ToldCustomer _ann = new("ann");
    private ServiceProvider _provider = null!;
    private IBusControl _bus = null!;

    [SetUp]
    public async Task StartBus()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<ICustomerViews>(_views);
        services.AddSingleton<IRejectedEvents>(_rejected);
        services.AddSingleton(new CurrentRulebook(Rulebooks.WithSegments(("best", "tag(vip)"))));
        services.AddSingleton<TimeProvider>(new HurriedClock(ToldCustomer.Start));
        services.AddProjection();
        services.AddMassTransit(bus =>
        {
            bus.AddProjectionConsumers();
            bus.UsingInMemory((context, configurator) => configurator.ConfigureEndpoints(context));
        });
        _provider = services.BuildServiceProvider();
        _bus = _provider.GetRequiredService<IBusControl>();
        await _bus.StartAsync();
    }

    [TearDown]
    public async Task StopBus()
    {
        await _bus.StopAsync();
        await _provider.DisposeAsync();
    }

    [Test]
    public async Task Whoever_asks_is_answered_when_the_changes_are_stored()
    {
        await RequestAsync(QueueNames.TagChanges, _ann.Tells(("vip", true)));

        Assert.That(_views.Feed.Select(entry => entry.Id), Is.EqualTo(new[] { "ann:tag:1", "ann:segment:1" }));
    }

    [Test]
    public async Task A_message_that_overtook_another_is_answered_once_the_other_has_come()
    {
        var (first, second) = (_ann.Tells(("vip", true)), _ann.Tells(("tier", "high")));

        var overtaking = RequestAsync(QueueNames.TagChanges, second);
        await RequestAsync(QueueNames.TagChanges, new ToldCustomer("bob").Tells(("vip", true)));
        Assert.That(overtaking.IsCompleted, Is.False);
        await RequestAsync(QueueNames.TagChanges, first);
        await overtaking;

        Assert.That(_views["ann"].TagSequence, Is.EqualTo(2));
    }

    [Test]
    public void A_message_whose_predecessors_never_come_is_parked_in_the_end()
    {
        _ann.Tells(("vip", true));

        Assert.That(async () => await RequestAsync(QueueNames.TagChanges, _ann.Tells(("tier", "high"))),
            Throws.InstanceOf<RequestFaultException>().With.Property(nameof(RequestFaultException.Fault))
                .Matches<Fault>(fault => fault.Exceptions[0].ExceptionType == TypeCache<EarlierChangesMissingException>.ShortName));
        Assert.That(_views.Feed, Is.Empty);
    }

    [Test]
    public async Task A_store_that_fails_is_waited_out()
    {
        var failures = 2;
        _views.BeforeCommit = () => failures-- > 0 ? throw new IOException("The store went away.") : Task.CompletedTask;

        await RequestAsync(QueueNames.TagChanges, _ann.Tells(("vip", true)));

        Assert.That(_views["ann"].TagSequence, Is.EqualTo(1));
    }

    [Test]
    public async Task Rejected_events_are_kept_aside()
    {
        var rejected = new RejectedEvent
        {
            Id = "r1", ReceivedAt = ToldCustomer.Start, Code = "bad-kind", Reason = "kind: must be one of purchase, browse", Payload = "{}",
        };

        await RequestAsync(QueueNames.Rejections, new EventsRejected { Events = [rejected] });
        await RequestAsync(QueueNames.Rejections, new EventsRejected { Events = [rejected] });

        Assert.That((await _rejected.ListAsync(0, 10, CancellationToken.None)).Select(kept => kept.Event), Is.EqualTo(new[] { rejected }));
    }

    private Task<Response<Stored>> RequestAsync<T>(string queue, T message)
        where T : class =>
        _bus.CreateRequestClient<T>(new Uri($"queue:{queue}")).GetResponse<Stored>(message);
}
