using System.Diagnostics;
using System.Globalization;
using NodaTime;
using NUnit.Framework;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Replays;
using TaggingPipeline.Storage.Specs.Replays;
using TaggingPipeline.Storage.Specs.Suites;

namespace TaggingPipeline.Storage.Specs.Sqlite;

/// <summary>A process that writes what a replay found is killed with SIGKILL, before or after any of its commits, and another goes on, and so forth.</summary>
public sealed class KilledReplaySpecs
{
    private const int Customers = 4_000;
    private const int Seed = 20250304;
    private const string Run = "replay-killed";

    private static readonly Instant Later = ReplayedShop.Noon + Duration.FromHours(5);

    private static int Kills => Environment.GetEnvironmentVariable("TAGGING_LONG") == "1" ? 36 : 4;

    [Test]
    [CancelAfter(300_000)]
    public async Task Killed_at_random_and_gone_on_with_a_replay_comes_to_what_it_comes_to_undisturbed(CancellationToken cancellationToken)
    {
        TestContext.Out.WriteLine($"seed {Seed}, {Kills} kills");
        await using var undisturbed = new SqliteStore();
        await FillAsync(undisturbed.Ports);
        var shop = new ReplayedShop(undisturbed.Ports);
        var whole = await shop.ReplayAsync(new() { Apply = true, Parts = 2 });
        Assert.That(whole.Report.Written, Is.EqualTo(whole.Report.Customers).And.GreaterThan(Customers * 9 / 10));

        await using var store = new SqliteStore();
        await FillAsync(store.Ports);
        await store.Ports.Replays.SaveAsync(
            new() { Id = Run, Version = 1, Options = new() { Apply = true, Parts = 2 }, State = ReplayState.Queued, CreatedAt = ReplayedShop.Noon }, cancellationToken);
        var random = new Random(Seed);
        for (var kill = 0; kill < Kills; kill++)
            await RunUntilKilledAsync(store, random.Next(1, Kills > 10 ? 6 : 40), random.Next(2), cancellationToken);

        var written = await store.Ports.Customers.CountAsync(cancellationToken);
        Assert.That(written, Is.InRange(1, whole.Report.Customers - 1), "it was killed in the middle");
        var found = await store.Ports.Replays.FindAsync(Run, cancellationToken);
        Assert.That(found!.Starts, Is.EqualTo(Kills));
        var ended = await new ReplayedShop(store.OpenAgain()).Runner.RunAsync(found, cancellationToken);

        Assert.That(ended.State, Is.EqualTo(ReplayState.Done), ended.Failure);
        Assert.That((ended.Report.Customers, ended.Report.Replayed), Is.EqualTo((whole.Report.Customers, whole.Report.Replayed)), "nobody left out, nobody counted twice");
        var (one, other) = (new ReplayedShop(store.OpenAgain()), new ReplayedShop(undisturbed.OpenAgain()));
        Assert.That(await one.DigestAsync(Later), Is.EqualTo(await other.DigestAsync(Later)));
        await one.Publisher.SweepAsync(cancellationToken);
        Assert.That(await store.Ports.Views.SegmentCountsAsync(cancellationToken), Is.EqualTo(await undisturbed.Ports.Views.SegmentCountsAsync(cancellationToken)));
        var (told, wouldTell) = (await store.Ports.Feed.ReadAsync(0, int.MaxValue, cancellationToken), await undisturbed.Ports.Feed.ReadAsync(0, int.MaxValue, cancellationToken));
        Assert.That(told.Select(entry => entry.Id), Is.Unique.And.EquivalentTo(wouldTell.Select(entry => entry.Id)), "each change is told once");
    }

    /// <summary>What the process does: goes on with the replay, and kills itself at its so-manieth commit, before or after it.</summary>
    internal static async Task ReplayUntilAsync(string path, int commit, bool after)
    {
        await using var services = SqliteStore.Provide(path);
        var ports = StoragePorts.Of(services);
        var shop = new ReplayedShop(ports with { Customers = new KillingDocuments(ports.Customers, commit, after) });
        await shop.Runner.RunAsync((await ports.Replays.FindAsync(Run, CancellationToken.None))!, CancellationToken.None);
    }

    private static async Task RunUntilKilledAsync(SqliteStore store, int commit, int after, CancellationToken cancellationToken)
    {
        string[] arguments = ["exec", typeof(KilledReplaySpecs).Assembly.Location, store.FilePath, commit.ToString(CultureInfo.InvariantCulture), after.ToString(CultureInfo.InvariantCulture)];
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments))!;
        await process.WaitForExitAsync(cancellationToken);
        Assert.That(process.ExitCode, Is.EqualTo(128 + 9), "it was killed");
    }

    /// <summary>A journal without documents.</summary>
    private static async Task FillAsync(StoragePorts ports)
    {
        foreach (var batch in ReplayedShop.RandomEvents(new Random(Seed), Customers, Customers * 4).Chunk(2_000))
        {
            await ports.Customers.CommitAsync(
                [.. batch.GroupBy(each => each.CustomerId).Select(group => Samples.Append([.. group.Select(EventMapping.ToJournal)]))], CancellationToken.None);
        }
    }

    private sealed class KillingDocuments(ICustomerDocuments sound, int at, bool after) : ICustomerDocuments
    {
        private int _commits;

        public async Task<IReadOnlyList<CommitResult>> CommitAsync(IReadOnlyList<CustomerCommit> commits, CancellationToken cancellationToken)
        {
            var isLast = Interlocked.Increment(ref _commits) == at;
            if (isLast && !after)
                Process.GetCurrentProcess().Kill();
            var results = await sound.CommitAsync(commits, cancellationToken);
            if (isLast)
                Process.GetCurrentProcess().Kill();
            return results;
        }

        public Task<IReadOnlyList<CustomerDocument>> LoadAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) => sound.LoadAsync(customers, cancellationToken);

        public Task<IReadOnlyList<CustomerDocument>> PeekAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) => sound.PeekAsync(customers, cancellationToken);

        public Task ClearOutboxesAsync(IReadOnlyCollection<PublishedRevision> published, CancellationToken cancellationToken) => sound.ClearOutboxesAsync(published, cancellationToken);

        public Task<IReadOnlyList<DueCustomer>> DueAsync(Instant until, DueCustomer? after, int limit, CancellationToken cancellationToken) =>
            sound.DueAsync(until, after, limit, cancellationToken);

        public Task<IReadOnlyList<string>> WithOutboxAsync(string? after, int limit, CancellationToken cancellationToken) => sound.WithOutboxAsync(after, limit, cancellationToken);

        public Task<IReadOnlyList<string>> NotDecidedByAsync(string rulebookVersion, string? after, int limit, CancellationToken cancellationToken) =>
            sound.NotDecidedByAsync(rulebookVersion, after, limit, cancellationToken);

        public Task<long> CountNotDecidedByAsync(string rulebookVersion, CancellationToken cancellationToken) => sound.CountNotDecidedByAsync(rulebookVersion, cancellationToken);

        public Task<IReadOnlyList<string>> IdsAsync(string? after, int limit, CancellationToken cancellationToken) => sound.IdsAsync(after, limit, cancellationToken);

        public Task<long> CountAsync(CancellationToken cancellationToken) => sound.CountAsync(cancellationToken);

        public Task<IReadOnlyList<CustomerDocument>> ScanAsync(string? after, int limit, CancellationToken cancellationToken) => sound.ScanAsync(after, limit, cancellationToken);
    }
}
