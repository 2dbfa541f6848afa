using System.Reflection;
using System.Runtime.ExceptionServices;
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

/// <summary>What the suites share: every test has a fresh store.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class StoreSuite<TStore>
    where TStore : TestStore, new()
{
    private TStore _store = null!;

    protected ICustomerDocuments Customers => _store.Ports.Customers;

    protected IJournal Journal => _store.Ports.Journal;

    protected ICustomerViews Views => _store.Ports.Views;

    protected IChangeFeed Feed => _store.Ports.Feed;

    protected ISegmentHistory History => _store.Ports.History;

    protected IRejectedEvents Rejected => _store.Ports.Rejected;

    protected IEvaluatorRoster Roster => _store.Ports.Roster;

    protected IPopulationSnapshots Populations => _store.Ports.Populations;

    protected ISubscriptions Subscriptions => _store.Ports.Subscriptions;

    protected ILeases Leases => _store.Ports.Leases;

    protected IFeedPositions Positions => _store.Ports.Positions;

    protected ISubscriberQueues Queues => _store.Ports.Queues;

    protected IDeadLetters DeadLetters => _store.Ports.DeadLetters;

    protected IRulebookVersions Rulebooks => _store.Ports.Rulebooks;

    protected IReplays Replays => _store.Ports.Replays;

    protected static CancellationToken None => CancellationToken.None;

    [SetUp]
    public void OpenStore()
    {
        try
        {
            _store = new TStore();
        }
        catch (TargetInvocationException hidden) when (hidden.InnerException is not null)
        {
            ExceptionDispatchInfo.Throw(hidden.InnerException); // it may say that the test is not to be run
        }
    }

    [TearDown]
    public async Task CloseStore()
    {
        if (_store is not null) // a test that is not to be run has none
            await _store.DisposeAsync();
    }

    protected StoragePorts AnotherProcess() => _store.OpenAgain();
}
