using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Pipeline.Specs.Doubles;
using TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

/// <summary>What one process decides with.</summary>
internal sealed class Evaluator
{
    private readonly EventCommitter _committer;
    private readonly PausingSink _sink;

    public Evaluator(NoChoice choices, CurrentRulebook current, Instant? now = null)
    {
        var store = new ExploredStore(choices);
        var clock = new FixedClock(now ?? SmallShop.Noon);
        var share = new CurrentShare(WorkShare.Everything);
        Current = current;
        Pause = new(current);
        Rebuilder = new(store, store, clock);
        _sink = new(store);
        var redecider = new CustomerRedecider(store, Rebuilder, new(store, _sink, current, share), clock);
        _committer = new(store, store, store, Rebuilder, clock);
        Due = new(store, redecider, current, share, clock);
        Rollover = new(store, redecider, current, Pause, share);
    }

    public CurrentRulebook Current { get; }

    public RolloverPause Pause { get; }

    public CustomerRebuilder Rebuilder { get; }

    public DueEvaluator Due { get; }

    public RulebookRollover Rollover { get; }

    public async Task CommitAsync(params ShopEvent[] events) => await _committer.CommitAsync(events, Current, CancellationToken.None);

    /// <summary>Begins a roll-over, has it wait once changes of a page are told, and ends it there.</summary>
    public async Task StopAfterAPageAsync()
    {
        using var ended = new CancellationTokenSource();
        _sink.Told = () => Pause.Set(Current.Value.Number);
        var rollover = Rollover.RunAsync(ended.Token);
        await ended.CancelAsync();
        Assert.That(() => rollover, Throws.InstanceOf<OperationCanceledException>());
    }

    private sealed class PausingSink(IChangeSink told) : IChangeSink
    {
        public Action Told { get; set; } = () => { };

        public async Task PublishAsync(IReadOnlyList<TagsChanged> messages, CancellationToken cancellationToken)
        {
            await told.PublishAsync(messages, cancellationToken);
            Told();
        }
    }
}
