using NodaTime;
using TaggingPipeline.Pipeline.Specs.Doubles;
using TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Storage.Specs.Suites;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

public sealed class ExploredCustomerDocuments : CustomerDocumentsSuite<ExploredTestStore>;

public sealed class ExploredCustomerSchedules : CustomerSchedulesSuite<ExploredTestStore>;

public sealed class ExploredJournal : JournalSuite<ExploredTestStore>;

public sealed class ExploredRejectedEvents : RejectedEventsSuite<ExploredTestStore>;

public sealed class PopulationSnapshotsInMemory : PopulationSnapshotsSuite<ExploredTestStore>;

/// <summary>The store of the explorations, where nothing comes in between. It keeps no views, no history, no feed and no roster.</summary>
public sealed class ExploredTestStore : TestStore
{
    private readonly NoChoice _choices = new(StoreState.Empty);
    private readonly SnapshotsInMemory _snapshots = new();

    public override StoragePorts Ports => OpenAgain();

    public override StoragePorts OpenAgain()
    {
        var store = new ExploredStore(_choices);
        return new(store, store, new Absent(), new Absent(), store, new Absent(), _snapshots, new Absent(), null!, null!, null!, null!, null!, null!, null!);
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Absent : ICustomerViews, ISegmentHistory, IChangeFeed, IEvaluatorRoster
    {
        private static NotSupportedException Asked => new("This store keeps only what explorations need.");

        Task<IReadOnlyList<FeedEntry>> IChangeFeed.ReadAsync(long after, int limit, CancellationToken cancellationToken) => throw Asked;

        Task<IReadOnlyList<FeedEntry>> IChangeFeed.ReadOfCustomerAsync(string customer, long after, int limit, CancellationToken cancellationToken) => throw Asked;

        Task<long> IChangeFeed.NewestPositionAsync(CancellationToken cancellationToken) => throw Asked;

        Task<IReadOnlyList<CustomerView>> ICustomerViews.LoadAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) => throw Asked;

        Task<IReadOnlyList<bool>> ICustomerViews.CommitAsync(IReadOnlyList<ViewCommit> commits, CancellationToken cancellationToken) => throw Asked;

        Task ICustomerViews.FinishAsync(CancellationToken cancellationToken) => throw Asked;

        Task<IReadOnlyList<CustomerView>> ICustomerViews.ScanAsync(string? after, int limit, CancellationToken cancellationToken) => throw Asked;

        Task<IReadOnlyDictionary<string, long>> ICustomerViews.OverlapsAsync(string segment, CancellationToken cancellationToken) => throw Asked;

        Task<long> ICustomerViews.CountInAllAsync(IReadOnlyCollection<string> segments, CancellationToken cancellationToken) => throw Asked;

        Task<IReadOnlyList<SegmentMember>> ISegmentHistory.MembersAtAsync(string segment, Instant at, string? after, int limit, CancellationToken cancellationToken) =>
            throw Asked;

        Task<IReadOnlyList<Crossing>> ISegmentHistory.CrossingsAsync(
            string segment, Instant from, Instant to, Crossing? after, int limit, CancellationToken cancellationToken) => throw Asked;

        Task<Movement> ISegmentHistory.CountCrossingsAsync(string segment, Instant from, Instant to, CancellationToken cancellationToken) => throw Asked;

        Task<IReadOnlyList<Movement>> ISegmentHistory.MovementsAsync(string segment, IReadOnlyList<Instant> bounds, CancellationToken cancellationToken) => throw Asked;

        Task<IReadOnlyList<CustomerView>> ICustomerViews.NotOfRulebookAsync(string rulebookVersion, string? after, int limit, CancellationToken cancellationToken) =>
            throw Asked;

        Task<(long All, long OfOthers)> ICustomerViews.CountAsync(string rulebookVersion, CancellationToken cancellationToken) => throw Asked;

        Task<IReadOnlyList<SegmentMember>> ICustomerViews.MembersAsync(string segment, string? after, int limit, CancellationToken cancellationToken) => throw Asked;

        Task<IReadOnlyDictionary<string, long>> ICustomerViews.SegmentCountsAsync(CancellationToken cancellationToken) => throw Asked;

        Task<IReadOnlyList<TagValueCount>> ICustomerViews.TagCountsAsync(CancellationToken cancellationToken) => throw Asked;

        Task<IReadOnlyList<string>> IEvaluatorRoster.SignInAsync(string evaluator, TimeSpan stay, CancellationToken cancellationToken) => throw Asked;

        Task IEvaluatorRoster.SignOutAsync(string evaluator, CancellationToken cancellationToken) => throw Asked;
    }
}
