using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Rejections;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;

/// <summary>The storage ports that one actor works on.</summary>
internal sealed record Ports(ICustomerDocuments Documents, IJournal Journal, IRejectedEvents Rejections, IChangeSink Sink)
{
    public static Ports Of(IChoicePoints choices)
    {
        var store = new ExploredStore(choices);
        return new(store, store, store, store);
    }
}

/// <summary>When a delivery is acknowledged: embedded, once committed; on a broker, once its changes are told as well.</summary>
public enum Acknowledge { OnceCommitted, OnceTold }

/// <summary>The use cases of rule evaluation as actors.</summary>
/// <param name="portsOf">What they work on, by actor.</param>
internal sealed class Work(Rulebook rulebook, Func<string, IChoicePoints, Ports>? portsOf = null)
{
    public Acknowledge Acknowledge { get; init; } = Acknowledge.OnceCommitted;

    /// <summary>What each actor has in force when it starts.</summary>
    public Func<string, CurrentRulebook> InForce { get; init; } = _ => new(rulebook);

    /// <summary>Each delivery by its number, as an evaluator works on it.</summary>
    public IEnumerable<Actor> Deliveries(IReadOnlyList<IReadOnlyList<ShopEvent>> deliveries, Func<int, Instant> clockOf) =>
        deliveries.Select((events, number) => Delivery(number, events, clockOf(number)));

    public Actor Rebuild(string customer, Instant now) => new($"rebuild of {customer}", async choices =>
    {
        var cases = UseCases("rebuild", choices, now);
        var rebuild = await cases.Rebuilder.RebuildAsync(customer, cases.Current.Value, ChangeCause.Replay, CancellationToken.None);
        if (rebuild.Untold is { } untold)
            await cases.Publisher.PublishAsync([untold], CancellationToken.None);
        return rebuild.Outcome is RebuildOutcome.Rebuilt or RebuildOutcome.Unknown;
    });

    public Actor Timers(Instant now) => new("timers", async choices =>
    {
        await UseCases("timers", choices, now).Due.RunAsync(CancellationToken.None);
        return true;
    });

    public Actor Sweep(Instant now) => new("sweep", async choices =>
    {
        await UseCases("sweep", choices, now).Publisher.SweepAsync(CancellationToken.None);
        return true;
    });

    public Actor Rollover(Instant now) => new("rollover", async choices =>
        await UseCases("rollover", choices, now).Rollover.RunAsync(CancellationToken.None) == 0);

    private Actor Delivery(int number, IReadOnlyList<ShopEvent> events, Instant now) => new($"delivery {number + 1}", async choices =>
    {
        var cases = UseCases("delivery", choices, now);
        CommittedBatch committed;
        try
        {
            committed = await cases.Committer.CommitAsync(events, cases.Current, CancellationToken.None);
        }
        catch (UnfinishedDeliveryException)
        {
            return false;
        }

        if (Acknowledge == Acknowledge.OnceCommitted)
            await AcknowledgeAsync(number, choices);
        await cases.Publisher.PublishAsync(committed.Untold, CancellationToken.None);
        if (Acknowledge == Acknowledge.OnceTold)
            await AcknowledgeAsync(number, choices);
        return true;
    }, number);

    private static Task<bool> AcknowledgeAsync(int number, IChoicePoints choices) =>
        choices.StepAsync("is acknowledged", state => (state with { Acknowledged = state.Acknowledged.Add(number) }, true), isUnseen: true);

    private Cases UseCases(string actor, IChoicePoints choices, Instant now)
    {
        var ports = portsOf?.Invoke(actor, choices) ?? Ports.Of(choices);
        var clock = new FixedClock(now);
        var current = InForce(actor);
        var rebuilder = new CustomerRebuilder(ports.Documents, ports.Journal, clock);
        var share = new CurrentShare(WorkShare.Everything);
        var publisher = new ChangePublisher(ports.Documents, ports.Sink, current, share);
        var redecider = new CustomerRedecider(ports.Documents, rebuilder, publisher, clock);
        return new(
            current,
            new(ports.Documents, ports.Journal, ports.Rejections, rebuilder, clock),
            rebuilder,
            publisher,
            new(ports.Documents, redecider, current, share, clock),
            new(ports.Documents, redecider, current, new(current), share));
    }

    private sealed record Cases(
        CurrentRulebook Current, EventCommitter Committer, CustomerRebuilder Rebuilder, ChangePublisher Publisher, DueEvaluator Due, RulebookRollover Rollover);
}
