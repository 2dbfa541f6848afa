using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Brokers;
using TaggingPipeline.Pipeline.Specs.Doubles;
using TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;
using TaggingPipeline.Pipeline.Specs.Processes;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Leases;
using TaggingPipeline.Processing.Populations;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rejections;
using TaggingPipeline.Processing.Replays;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.RuleEvaluation;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

/// <summary>One evaluator on RabbitMQ, with a roster that does what the test wants.</summary>
[TestFixture, Category("RabbitMq"), FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class When_an_evaluator_follows_the_roster
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Stay = TimeSpan.FromSeconds(3);

    private readonly NoChoice _store = new(StoreState.Empty);
    private readonly Roster _roster = new();
    private readonly string _virtualHost = $"sharing-{TestContext.CurrentContext.Test.ID}";
    private RabbitMqServer _broker = null!;
    private IHost _host = null!;
    private IConnection _connection = null!;
    private IChannel _channel = null!;

    private WorkShare Share => _host.Services.GetRequiredService<CurrentShare>().Value;

    [TearDown]
    public async Task Stop()
    {
        await _host.StopAsync();
        _host.Dispose();
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    [Test]
    public async Task It_reads_the_queues_of_its_share_and_no_others()
    {
        await StartAsync(new ExploredStore(_store));
        await HasAsync(WorkShare.Everything);
        _roster.Answer = me => ["another", me];
        await HasAsync(WorkShare.Of("me", ["another", "me"]));

        await AllAreReadAsync(Share.Partitions);
        foreach (var partition in WorkShare.Everything.Partitions.Except(Share.Partitions))
            await IsReadByAsync(partition, consumers: 0);

        _roster.Answer = me => [me, "another"];
        await HasAsync(WorkShare.Of("me", ["me", "another"]));
        await AllAreReadAsync(Share.Partitions);
    }

    [Test]
    public async Task What_it_could_not_finish_returns_to_the_queue_when_the_share_is_another()
    {
        var failing = new FailingStore();
        await StartAsync(failing);
        await HasAsync(WorkShare.Everything);
        var queue = QueueNames.EventsOf(3);
        await _host.Services.GetRequiredService<ISafeSender>().SendAsync(
            queue, new EventBatch { Events = [SmallShop.Purchase("", "anna", 1, SmallShop.Noon)] }, CancellationToken.None);
        await Eventually.HoldsAsync("it was tried", Patience, () => Task.FromResult(failing.Tries > 2));

        _roster.Answer = me => [me, "another"]; // to whom the fourth partition falls

        await Eventually.HoldsAsync("it is in the queue again", Patience, async () => await CountAsync(queue) == 1);
        Assert.That(await CountAsync($"{QueueNames.Events}_error"), Is.Zero);
    }

    [Test]
    public async Task Nothing_is_held_back_by_lines_that_were_opened_and_closed_again()
    {
        const int Events = 400;
        var asked = 0;
        _roster.Answer = me => Interlocked.Increment(ref asked) % 2 == 0 ? [me, "another"] : ["another", me];
        await StartAsync(new ExploredStore(_store));
        var sender = _host.Services.GetRequiredService<ISafeSender>();
        for (var number = 0; number < Events; number++)
        {
            await sender.SendAsync(
                QueueNames.EventsOf(number % CustomerPartition.Count), new EventBatch { Events = [SmallShop.Purchase($"{number}", $"{number}", 1, SmallShop.Noon)] }, CancellationToken.None);
            await Task.Delay(10);
        }

        _roster.Answer = me => [me];

        await Eventually.HoldsAsync("all events are committed", Patience, () => Task.FromResult(_store.State.Journal.Count == Events));
    }

    [Test]
    public async Task Who_fails_to_sign_in_keeps_its_share_for_its_stay_and_no_longer()
    {
        await StartAsync(new ExploredStore(_store));
        await HasAsync(WorkShare.Everything);

        var since = Stopwatch.GetTimestamp();
        _roster.Failure = Task.FromException<IReadOnlyList<string>>(new IOException("the store is away"));
        await HasAsync(WorkShare.Nothing);
        var kept = Stopwatch.GetElapsedTime(since);

        Assert.That(kept, Is.InRange(Stay - TimeSpan.FromSeconds(1.5), Stay + TimeSpan.FromSeconds(3)));
        _roster.Failure = null;
        await HasAsync(WorkShare.Everything);
    }

    [Test]
    public async Task Who_is_answered_late_keeps_its_share_until_then()
    {
        await StartAsync(new ExploredStore(_store));
        await HasAsync(WorkShare.Everything);

        var late = new TaskCompletionSource<IReadOnlyList<string>>();
        _roster.Failure = late.Task;
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < Stay * 2; await Task.Delay(50))
            Assert.That(Share, Is.EqualTo(WorkShare.Everything));

        _roster.Failure = null;
        _roster.Answer = me => [me, "another"];
        late.SetResult([_roster.Me]);
        await HasAsync(WorkShare.Of("me", ["me", "another"]));
    }

    [Test]
    public async Task Who_stops_in_order_signs_out_and_has_given_up_its_queues_before()
    {
        await StartAsync(new ExploredStore(_store));
        await HasAsync(WorkShare.Everything);
        await AllAreReadAsync(Share.Partitions);
        var readAtSignOut = -1L;
        _roster.SigningOut = async () => readAtSignOut = await ConsumersAsync(0);

        await _host.StopAsync();

        Assert.That((readAtSignOut, Share), Is.EqualTo((0L, WorkShare.Nothing)));
    }

    private async Task StartAsync(IRejectedEvents rejections)
    {
        _broker = await SharedBroker.GetAsync();
        var address = BusAddress.Parse(await _broker.CreateVirtualHostAsync(_virtualHost));
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        var store = new ExploredStore(_store);
        builder.Services
            .AddSingleton<ICustomerDocuments>(store)
            .AddSingleton<IJournal>(store)
            .AddSingleton(rejections)
            .AddSingleton<IEvaluatorRoster>(_roster)
            .AddSingleton<IPopulationSnapshots, SnapshotsInMemory>()
            .AddSingleton<IReplays, NoReplays>()
            .AddSingleton<ILeases, NoReplays>()
            .AddSingleton<ICustomerViews, ViewsInMemory>()
            .AddSingleton(new CurrentRulebook(SmallShop.Rulebook))
            .AddSingleton(TimeProvider.System)
            .AddTaggingBus(address, bus => bus.AddRuleEvaluation())
            .AddRuleEvaluation();
        _host = builder.Build();
        await _host.StartAsync();
        _connection = await _broker.ConnectAsync(_virtualHost, CancellationToken.None);
        _channel = await _connection.CreateChannelAsync();
    }

    private Task HasAsync(WorkShare share) => Eventually.HoldsAsync($"the share is {share}", Patience, () => Task.FromResult(Share == share));

    private async Task AllAreReadAsync(IEnumerable<int> partitions)
    {
        foreach (var partition in partitions)
            await IsReadByAsync(partition, consumers: 1);
    }

    private Task IsReadByAsync(int partition, uint consumers) =>
        Eventually.HoldsAsync($"{consumers} read partition {partition}", Patience, async () => await ConsumersAsync(partition) == consumers);

    private Task<uint> ConsumersAsync(int partition) => _channel.ConsumerCountAsync(QueueNames.EventsOf(partition));

    /// <summary>How many messages wait there; none if there is no such queue.</summary>
    private async Task<uint> CountAsync(string queue)
    {
        await using var channel = await _connection.CreateChannelAsync(); // of its own, since asking for a queue that is not there closes it
        try
        {
            return await channel.MessageCountAsync(queue);
        }
        catch (OperationInterruptedException)
        {
            return 0;
        }
    }

    private sealed class Roster : IEvaluatorRoster
    {
        /// <summary>Who is signed in, given who asks.</summary>
        public Func<string, IReadOnlyList<string>> Answer { get; set; } = me => [me];

        /// <summary>The answer instead, while it is set.</summary>
        public Task<IReadOnlyList<string>>? Failure { get; set; }

        public Func<Task> SigningOut { get; set; } = () => Task.CompletedTask;

        /// <summary>The id of who asks.</summary>
        public string Me { get; private set; } = "";

        public Task<IReadOnlyList<string>> SignInAsync(string evaluator, TimeSpan stay, CancellationToken cancellationToken)
        {
            Me = evaluator;
            return Failure ?? Task.FromResult(Answer(evaluator));
        }

        public Task SignOutAsync(string evaluator, CancellationToken cancellationToken) => SigningOut();
    }

    /// <summary>Sets nothing aside, so that a batch with an event that cannot be accepted is tried again and again.</summary>
    private sealed class FailingStore : IRejectedEvents
    {
        private int _tries;

        public int Tries => Volatile.Read(ref _tries);

        public Task AddAsync(IReadOnlyList<RejectedEvent> events, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _tries);
            throw new IOException("the store is away");
        }

        public Task<IReadOnlyList<(long Position, RejectedEvent Event)>> ListAsync(RejectionFilter filter, long after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<RejectionGroup>> GroupAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<RejectedEvent?> FindAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<long> NewestPositionAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task ReplaceReasonAsync(string id, Rejection rejection, string? steps, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<int> RemoveAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<long> CountAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
