using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RabbitMQ.Client.Exceptions;
using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Brokers;
using TaggingPipeline.Pipeline.Specs.Doubles;
using TaggingPipeline.Pipeline.Specs.Processes;
using TaggingPipeline.Processing.DeadLetters;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rejections;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Projection;
using TaggingPipeline.Projection.Changes;
using TaggingPipeline.ServiceDefaults.Bus;
using TaggingPipeline.ServiceDefaults.Settings;
using TaggingPipeline.Storage.Sqlite;

namespace TaggingPipeline.Pipeline.Specs.Projection;

/// <summary>The consumers on a bus that is wired as hosts wire it. Their pauses are cut short by the clock.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class ProjectionOverABus
{
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private IHost _host = null!;
    private DirectoryInfo _folder = null!;

    private protected ViewsInMemory Views { get; } = new();

    private protected RejectedInMemory Rejected { get; } = new();

    private protected IDeadLetters DeadLetters => _host.Services.GetRequiredService<IDeadLetters>();

    private protected ToldCustomer Ann { get; } = new("ann");

    protected abstract Task<string> AddressAsync();

    [SetUp]
    public async Task StartHost()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        // For subscribers, of whom there are none here; what projection itself keeps is kept by the doubles.
        _folder = Directory.CreateTempSubdirectory("tagging-projection-");
        builder.Services.AddSqliteStorage(Path.Combine(_folder.FullName, "store.db"));
        builder.Services.AddSingleton(Options.Create(new TaggingSettings()));
        builder.Services.AddSingleton<ICustomerViews>(Views);
        builder.Services.AddSingleton<IRejectedEvents>(Rejected);
        builder.Services.AddSingleton(new CurrentRulebook(Rulebooks.WithSegments(("best", "tag(vip)"))));
        builder.Services.AddSingleton<TimeProvider>(new HurriedClock(ToldCustomer.Start));
        builder.Services.AddTaggingBus(BusAddress.Parse(await AddressAsync()), bus => bus.AddProjectionConsumers());
        builder.Services.AddProjection();
        _host = builder.Build();
        await _host.StartAsync();
    }

    [TearDown]
    public async Task StopHost()
    {
        await _host.StopAsync();
        _host.Dispose();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task What_is_sent_is_stored()
    {
        await TellAsync(Ann.Tells(("vip", true)));

        await EventuallyAsync("Ann's change and segment are in the feed", () => Views.Feed.Count == 2);
        Assert.That(Views.Feed.Select(entry => entry.Id), Is.EqualTo(new[] { "ann:tag:1", "ann:segment:1" }));
    }

    [Test]
    public async Task A_message_that_overtook_another_is_stored_once_the_other_has_come_and_holds_up_nobody()
    {
        var (first, second) = (Ann.Tells(("vip", true)), Ann.Tells(("tier", "high")));

        var overtaking = TellAsync(second);
        await TellAsync(new ToldCustomer("bob").Tells(("vip", true)));
        await EventuallyAsync("Bob's change is in the feed", () => Views.Feed.Any(entry => entry.Customer == "bob"));
        Assert.That(Views.Feed.Select(entry => entry.Customer), Has.None.EqualTo("ann"));
        await TellAsync(first);
        await overtaking;

        await EventuallyAsync("both of Ann's changes are in the feed", () => Views.Feed.Count(entry => entry.Customer == "ann") == 3);
        Assert.That(Views["ann"].TagSequence, Is.EqualTo(2));
    }

    [Test]
    public async Task A_store_that_fails_is_waited_out()
    {
        var failures = 2;
        Views.BeforeCommit = () => failures-- > 0 ? throw new IOException("The store went away.") : Task.CompletedTask;

        await TellAsync(Ann.Tells(("vip", true)));

        await EventuallyAsync("Ann's change and segment are in the feed", () => Views.Feed.Count == 2);
    }

    [Test]
    public async Task Rejected_events_are_kept_aside_once()
    {
        var rejected = new RejectedEvent
        {
            Id = "r1", ReceivedAt = ToldCustomer.Start, Code = "bad-kind", Reason = "kind: must be one of purchase, browse", Payload = "{}",
        };

        await SendAsync(QueueNames.Rejections, new EventsRejected { Events = [rejected, rejected with { Id = "r2" }] });
        await SendAsync(QueueNames.Rejections, new EventsRejected { Events = [rejected, rejected with { Id = "r3" }] });

        await EventuallyAsync("three events are kept", () => Rejected.Kept.Count == 3);
        Assert.That(Rejected.Kept, Has.Member(rejected));
    }

    private protected Task SendAsync<T>(string queue, T message)
        where T : class =>
        _host.Services.GetRequiredService<ISafeSender>().SendAsync(queue, message, CancellationToken.None);

    private protected Task TellAsync(params TagsChanged[] customers) => SendAsync(QueueNames.TagChanges, new TagsChangedBatch { Customers = customers });

    private protected static Task EventuallyAsync(string what, Func<bool> holds) => Eventually.HoldsAsync(what, Patience, () => Task.FromResult(holds()));
}

public sealed class WhenProjectionReadsTheBusInMemory : ProjectionOverABus
{
    protected override Task<string> AddressAsync() => Task.FromResult("memory");

    [Test]
    public async Task Whoever_sends_learns_that_it_is_stored()
    {
        await TellAsync(Ann.Tells(("vip", true)));

        Assert.That(Views["ann"].TagSequence, Is.EqualTo(1), "the send has returned");
    }

    [Test]
    public void Whoever_sends_a_message_whose_predecessors_never_come_learns_that_in_the_end()
    {
        Ann.Tells(("vip", true));

        Assert.That(async () => await TellAsync(Ann.Tells(("tier", "high"))),
            Throws.InstanceOf<RequestFaultException>().With.Message.Contains("The changes that lead to number 2 did not come"));
        Assert.That(Views.Feed, Is.Empty);
    }

    [Test]
    public void In_a_message_that_tells_of_many_only_who_is_ahead_is_left_out()
    {
        Ann.Tells(("vip", true));

        Assert.That(async () => await TellAsync(Ann.Tells(("tier", "high")), new ToldCustomer("bob").Tells(("vip", true))), Throws.InstanceOf<RequestFaultException>());
        Assert.That(Views.Feed.Select(entry => entry.Id), Is.EqualTo(new[] { "bob:tag:1", "bob:segment:1" }));
    }
}

[Category("RabbitMq")]
public sealed class WhenProjectionReadsABroker : ProjectionOverABus
{
    private RabbitMqServer _broker = null!;

    private static string VirtualHost => $"projection-{TestContext.CurrentContext.Test.ID}";

    protected override async Task<string> AddressAsync()
    {
        _broker = await SharedBroker.GetAsync();
        return await _broker.CreateVirtualHostAsync(VirtualHost);
    }

    [Test]
    public async Task A_message_whose_predecessors_never_come_is_set_aside_in_the_end()
    {
        Ann.Tells(("vip", true));

        await TellAsync(Ann.Tells(("tier", "high")));

        await Eventually.HoldsAsync("the message is among the dead letters", Patience, async () => (await DeadLetters.CountAsync(CancellationToken.None)).Count == 1);
        var letters = (await DeadLetters.CountAsync(CancellationToken.None)).Single();
        Assert.That((letters.Queue, letters.Reason, letters.Count), Is.EqualTo((QueueNames.TagChanges, typeof(EarlierChangesMissingException).FullName, 1)));
        Assert.That(await CountAsync(QueueNames.TagChanges), Is.Zero);
        Assert.That(Views.Feed, Is.Empty);
    }

    /// <summary>How many messages wait in a queue; null if it is not declared.</summary>
    private async Task<uint?> CountAsync(string queue)
    {
        await using var connection = await _broker.ConnectAsync(VirtualHost, CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            return await channel.MessageCountAsync(queue);
        }
        catch (OperationInterruptedException)
        {
            return null;
        }
    }
}
