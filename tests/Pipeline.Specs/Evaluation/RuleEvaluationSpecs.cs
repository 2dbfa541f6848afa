using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Pipeline.Specs.Doubles;
using TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Evaluation;
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

/// <summary>The service as hosts compose it, on a bus in memory and the machine's clock.</summary>
[TestFixture]
public sealed class When_rule_evaluation_runs
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Channel<TagsChanged> _told = Channel.CreateUnbounded<TagsChanged>();
    private NoChoice _store = null!;
    private TaskCompletionSource _projectionAnswers = null!;
    private IHost? _host;
    private long _lastRevision;

    [SetUp]
    public void An_empty_store()
    {
        (_store, _lastRevision) = (new(StoreState.Empty), 0);
        _projectionAnswers = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _projectionAnswers.SetResult();
        while (_told.Reader.TryRead(out _))
        {
            // told to the test before this one
        }
    }

    [TearDown]
    public async Task Stop()
    {
        _projectionAnswers.TrySetResult();
        if (_host is null)
            return;
        await _host.StopAsync();
        _host.Dispose();
    }

    [Test]
    public async Task A_tag_whose_window_slid_past_changes_within_a_second()
    {
        await StartAsync(SmallShop.ShortWindow);
        var bought = SystemClock.Instance.GetCurrentInstant();

        await SendAsync(SmallShop.Purchase("a", "anna", 1, bought));
        var begun = await NextAsync();
        var ended = await NextAsync();

        Assert.That((begun.Cause, begun.Tags.Count), Is.EqualTo(("event", 1)));
        Assert.That((ended.Cause, ended.Tags.Count), Is.EqualTo(("time", 0)));
        var due = (bought + Duration.FromSeconds(1)).ToDateTimeOffset();
        Assert.That(ended.DecidedAt - due, Is.InRange(TimeSpan.FromMilliseconds(-1), TimeSpan.FromSeconds(1)));
    }

    [Test]
    public async Task Whoever_sends_is_answered_before_the_changes_are_told()
    {
        _projectionAnswers = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await StartAsync(SmallShop.Rulebook);

        await SendAsync(SmallShop.Purchase("a", "anna", 1, SmallShop.Noon)).WaitAsync(Patience);

        Assert.That(_store.State.Journal, Has.Count.EqualTo(1));
        Assert.That(_store.State.Documents["anna"].Outbox, Is.Not.Null);
    }

    [Test]
    public async Task Customers_come_under_a_rulebook_that_replaces_another()
    {
        await StartAsync(SmallShop.Rulebook);
        await SendAsync(SmallShop.Purchase("a", "anna", 8, SmallShop.Noon));
        await NextAsync();

        _host!.Services.GetRequiredService<CurrentRulebook>().Replace(SmallShop.OtherMeasures);

        var told = await NextAsync();
        Assert.That((told.Cause, told.Rulebook), Is.EqualTo(("rulebook", SmallShop.OtherMeasures.Version)));
        Assert.That(told.Tags.Select(tag => tag.Key), Has.Member("dearest"));
    }

    [Test]
    public async Task What_a_crash_left_in_outboxes_is_told_at_the_next_start()
    {
        var store = new ExploredStore(_store);
        var committer = new EventCommitter(store, store, store, new(store, store, TimeProvider.System), TimeProvider.System);
        await committer.CommitAsync([SmallShop.Purchase("a", "anna", 8, SmallShop.Noon)], new(SmallShop.Rulebook), CancellationToken.None);

        await StartAsync(SmallShop.Rulebook);

        Assert.That((await NextAsync()).Changes.Select(change => change.Id), Is.EqualTo(new[] { "anna:tag:1" }));
    }

    private async Task StartAsync(Rulebook rulebook)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        var store = new ExploredStore(_store);
        builder.Services
            .AddSingleton<ICustomerDocuments>(store)
            .AddSingleton<IJournal>(store)
            .AddSingleton<IRejectedEvents>(store)
            .AddSingleton<IEvaluatorRoster, Unasked>()
            .AddSingleton<IPopulationSnapshots, SnapshotsInMemory>()
            .AddSingleton<IReplays, NoReplays>()
            .AddSingleton<ILeases, NoReplays>()
            .AddSingleton<ICustomerViews, ViewsInMemory>()
            .AddSingleton(new CurrentRulebook(rulebook))
            .AddSingleton(TimeProvider.System)
            .AddSingleton(_told.Writer)
            .AddSingleton(_projectionAnswers)
            .AddTaggingBus(new BusAddress.Memory(), bus =>
            {
                bus.AddRuleEvaluation();
                bus.AddConsumer<Projection, ProjectionDefinition>();
            })
            .AddRuleEvaluation();
        _host = builder.Build();
        await _host.StartAsync();
    }

    private Task SendAsync(params ShopEvent[] events) =>
        _host!.Services.GetRequiredService<ISafeSender>().SendAsync(QueueNames.Events, new EventBatch { Events = events }, CancellationToken.None);

    /// <summary>The next message; the same one told again, as a sweep may, does not count.</summary>
    private async Task<TagsChanged> NextAsync()
    {
        while (true)
        {
            var told = await _told.Reader.ReadAsync().AsTask().WaitAsync(Patience);
            if (told.Revision <= _lastRevision)
                continue;
            _lastRevision = told.Revision;
            return told;
        }
    }

    /// <summary>Within one process there is nobody to share the work with.</summary>
    private sealed class Unasked : IEvaluatorRoster
    {
        public Task<IReadOnlyList<string>> SignInAsync(string evaluator, TimeSpan stay, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task SignOutAsync(string evaluator, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private sealed class Projection(ChannelWriter<TagsChanged> told, TaskCompletionSource answers) : IConsumer<TagsChangedBatch>
    {
        public async Task Consume(ConsumeContext<TagsChangedBatch> context)
        {
            await answers.Task;
            foreach (var customer in context.Message.Customers)
                await told.WriteAsync(customer);
            await context.RespondAsync(new Stored());
        }
    }

    private sealed class ProjectionDefinition : ConsumerDefinition<Projection>
    {
        public ProjectionDefinition() => EndpointName = QueueNames.TagChanges;
    }
}
