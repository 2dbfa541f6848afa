using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.DeadLetters;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Exchange;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Leases;
using TaggingPipeline.Processing.Populations;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rejections;
using TaggingPipeline.Processing.Replays;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Processing.Subscriptions;

namespace TaggingPipeline.Storage.Specs.Suites;

/// <summary>An empty store of its own for one test. Each adapter has one; a suite is run by a class that names it.</summary>
public abstract class TestStore : IAsyncDisposable
{
    /// <summary>The store's ports.</summary>
    public abstract StoragePorts Ports { get; }

    /// <summary>The same store as another process sees it.</summary>
    public abstract StoragePorts OpenAgain();

    public abstract ValueTask DisposeAsync();
}

public sealed record StoragePorts(
    ICustomerDocuments Customers, IJournal Journal, ICustomerViews Views, IChangeFeed Feed, IRejectedEvents Rejected, IEvaluatorRoster Roster,
    IPopulationSnapshots Populations, ISegmentHistory History, ISubscriptions Subscriptions, ILeases Leases,
    IFeedPositions Positions, ISubscriberQueues Queues, IDeadLetters DeadLetters, IRulebookVersions Rulebooks, IReplays Replays)
{
    public static StoragePorts Of(IServiceProvider services) => new(
        services.GetRequiredService<ICustomerDocuments>(),
        services.GetRequiredService<IJournal>(),
        services.GetRequiredService<ICustomerViews>(),
        services.GetRequiredService<IChangeFeed>(),
        services.GetRequiredService<IRejectedEvents>(),
        services.GetRequiredService<IEvaluatorRoster>(),
        services.GetRequiredService<IPopulationSnapshots>(),
        services.GetRequiredService<ISegmentHistory>(),
        services.GetRequiredService<ISubscriptions>(),
        services.GetRequiredService<ILeases>(),
        services.GetRequiredService<IFeedPositions>(),
        services.GetRequiredService<ISubscriberQueues>(),
        services.GetRequiredService<IDeadLetters>(),
        services.GetRequiredService<IRulebookVersions>(),
        services.GetRequiredService<IReplays>());
}
