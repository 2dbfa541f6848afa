using System.Runtime.CompilerServices;
using NodaTime;
using NUnit.Framework;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Replays;
using TaggingPipeline.Storage.Specs.Suites;

namespace TaggingPipeline.Storage.Specs.Replays;

/// <summary>What replays report of what they did: as of the past, after pauses, and where two processes have taken one up.</summary>
public abstract class ReplayReportsSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    private ReplayedShop _shop = null!;

    [SetUp]
    public void OpenShop() => _shop = new(AnotherProcess());

    [Test]
    public async Task As_of_a_past_instant_customers_as_they_were_are_compared_with_what_documents_have()
    {
        await _shop.FillAsync();
        await _shop.TakeAsync(ReplayedShop.Purchase("b-2", "bob", 5, _shop.Clock.Now));
        var live = await _shop.DigestAsync(_shop.Clock.Now);

        var report = (await _shop.ReplayAsync(new() { At = _shop.Clock.Now - Duration.FromMinutes(1) })).Report;

        Assert.That(report.Samples.Single(sample => sample.Customer == "bob").Tags, Does.Contain(new TagDifference("spent", Value.Of(25), Value.Of(20))));
        Assert.That(report.Tags["spent"], Is.EqualTo(new TagCounts(0, 0, 1)), "of the others nothing was bought since");
        Assert.That(report.Live, Is.EqualTo(live), "the digest of what the documents have");
        Assert.That(report.Replayed, Is.Not.EqualTo(live));
        Assert.That(report.Events, Is.EqualTo(await Journal.CountAsync(None)), "it read them all");
    }

    [Test]
    public async Task Before_the_first_event_of_a_customer_the_journal_knows_nobody()
    {
        await _shop.FillAsync();
        var past = new PastReader(Journal, Feed, new(Populations), new(Rulebooks, _shop.Current), _shop.Current);
        var first = _shop.Clock.Now - Duration.FromHours(1);

        Assert.That(await past.RecomputeAsync(["ann", "bob"], first - Duration.FromMilliseconds(1), _shop.Current.Value, None).ToListAsync(), Is.Empty);
        Assert.That(await past.RecomputeAsync(["ann", "bob"], first, _shop.Current.Value, None).Select(each => each.Customer).ToListAsync(), Is.EqualTo(new[] { "ann", "bob" }));
    }

    [Test]
    public async Task All_that_was_written_is_counted_though_it_was_paused_in_the_middle()
    {
        var customers = await FillJournalAsync(customers: 250, eventsOfEach: 1);
        var pausing = new PausingReplays(Replays, atSave: 2);
        var gate = new GatedJournal(Journal, customers[0], pausing.Paused);
        var shop = new ReplayedShop(AnotherProcess() with { Journal = gate }, clock: _shop.Clock, replays: pausing);

        var paused = await shop.ReplayAsync(new() { Apply = true, Parts = 2 });
        Assert.That(paused.State, Is.EqualTo(ReplayState.Paused));
        Assert.That(await Customers.CountAsync(None), Is.EqualTo(paused.Report.Written).And.InRange(1, 249));

        var ended = await ResumeAsync(paused);
        Assert.That((ended.State, ended.Report.Written, ended.Report.Different, ended.Report.Same), Is.EqualTo((ReplayState.Done, 250L, 250L, 0L)));
    }

    [Test]
    public async Task What_is_at_its_end_is_paused_no_longer_and_its_end_counts_once()
    {
        await _shop.FillAsync();
        var ann = (await Customers.LoadAsync(["ann"], None))[0];
        await Customers.CommitAsync([Samples.Save(ann with { Customer = "nobody's", Version = 1, Applied = [] })], None);
        var shop = new ReplayedShop(AnotherProcess(), clock: _shop.Clock, replays: new PausingReplays(Replays, atSave: 2));

        var ended = await shop.ReplayAsync(new());
        if (ended.State == ReplayState.Paused)
            ended = await ResumeAsync(ended);

        Assert.That((ended.State, ended.Report.Customers, ended.Report.WithoutEvents), Is.EqualTo((ReplayState.Done, 6L, 1L)));
        Assert.That(ended.Report.Live, Is.EqualTo(await _shop.DigestAsync(_shop.Clock.Now)));
        Assert.That((await Replays.FindAsync(ended.Id, None))!.State, Is.EqualTo(ReplayState.Done));
    }

    [Test]
    public async Task Of_two_processes_that_take_it_up_from_one_record_the_second_leaves_it_to_the_first()
    {
        await FillJournalAsync(customers: 5, eventsOfEach: 1);
        var run = new ReplayRun { Id = "replay-1", Version = 1, Options = new() { Apply = true }, State = ReplayState.Queued, CreatedAt = _shop.Clock.Now };
        await Replays.SaveAsync(run, None);
        await _shop.Runner.RunAsync(run, None);

        Assert.That(async () => await new ReplayedShop(AnotherProcess(), clock: _shop.Clock).Runner.RunAsync(run, None), Throws.TypeOf<OvertakenReplayException>());
        Assert.That((await Replays.FindAsync(run.Id, None))!.Report.Written, Is.EqualTo(5));
    }

    [Test]
    public async Task A_pause_is_heeded_while_the_rate_makes_it_wait()
    {
        await FillJournalAsync(customers: 120, eventsOfEach: 10);
        var shop = new ReplayedShop(AnotherProcess(), clock: _shop.Clock, replays: new PausingReplays(Replays, atSave: 2));

        // The first page alone is worth ten minutes.
        var paused = await shop.ReplayAsync(new() { Parts = 1, EventsPerSecond = 2 }).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.That((paused.State, paused.Report.Customers), Is.EqualTo((ReplayState.Paused, 100L)));
    }

    [Test]
    public async Task Who_is_named_and_nobody_is_told()
    {
        await _shop.FillAsync();

        var report = (await _shop.ReplayAsync(new() { Customers = ["bob", "Bob"] })).Report;

        Assert.That((report.Customers, report.Same, report.LeftForLater), Is.EqualTo((1L, 1L, 1L)));
        Assert.That(report.Left, Is.EqualTo(new[] { new LeftCustomer("Bob", LeftReason.Unknown) }));
    }

    private async Task<ReplayRun> ResumeAsync(ReplayRun paused)
    {
        var resumed = paused with { Version = paused.Version + 1, State = ReplayState.Queued, EndedAt = null };
        Assert.That(await Replays.SaveAsync(resumed, None));
        return await _shop.Runner.RunAsync(resumed, None);
    }

    /// <summary>A journal without documents.</summary>
    /// <returns>The customers in the journal's order.</returns>
    private async Task<IReadOnlyList<string>> FillJournalAsync(int customers, int eventsOfEach)
    {
        await Customers.CommitAsync([.. Enumerable.Range(0, customers).Select(number => Samples.Append([.. Enumerable.Range(0, eventsOfEach).Select(each =>
            EventMapping.ToJournal(ReplayedShop.Purchase($"{number}-{each}", $"customer-{number:000}", 10, _shop.Clock.Now - Duration.FromHours(1))))]))], None);
        return await Journal.CustomersAsync(null, customers, None);
    }

    /// <summary>Whoever saves how far a replay is finds, the so-manieth time, that somebody has paused it.</summary>
    private sealed class PausingReplays(IReplays replays, int atSave) : IReplays
    {
        private readonly TaskCompletionSource _paused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _saves;

        public Task Paused => _paused.Task;

        public async Task<bool> SaveAsync(ReplayRun run, CancellationToken cancellationToken)
        {
            // The test's own save that makes the record is not counted: it is done over the store.
            if (run.Version > 1 && ++_saves == atSave && await replays.FindAsync(run.Id, cancellationToken) is { } stored)
                await replays.SaveAsync(stored with { Version = stored.Version + 1, State = ReplayState.Paused }, cancellationToken);
            var isSaved = await replays.SaveAsync(run, cancellationToken);
            if (_saves >= atSave && isSaved)
                _paused.TrySetResult();
            return isSaved;
        }

        public Task<ReplayRun?> FindAsync(string id, CancellationToken cancellationToken) => replays.FindAsync(id, cancellationToken);

        public Task<IReadOnlyList<ReplayRun>> ListAsync(int limit, CancellationToken cancellationToken) => replays.ListAsync(limit, cancellationToken);

        public Task<IReadOnlyList<ReplayRun>> ListOpenAsync(CancellationToken cancellationToken) => replays.ListOpenAsync(cancellationToken);
    }

    /// <summary>The first page takes a while, so that it is time to save after it; the second goes on in its middle when somebody has paused the replay.</summary>
    private sealed class GatedJournal(IJournal journal, string first, Task paused) : IJournal
    {
        private const int Middle = 60;

        public async IAsyncEnumerable<JournaledEvent> ReadManyAsync(IReadOnlyCollection<string> customers, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var isFirst = customers.Contains(first);
            if (isFirst)
                await Task.Delay(1_200, cancellationToken);
            var read = 0;
            await foreach (var journaled in journal.ReadManyAsync(customers, cancellationToken))
            {
                if (!isFirst && ++read == Middle)
                {
                    await paused;
                    await Task.Delay(100, CancellationToken.None);
                    cancellationToken.ThrowIfCancellationRequested();
                }

                yield return journaled;
            }
        }

        public Task<IReadOnlySet<EventKey>> KnownAsync(IReadOnlyCollection<EventKey> keys, CancellationToken cancellationToken) => journal.KnownAsync(keys, cancellationToken);

        public Task<IReadOnlyList<JournaledEvent>> ReadAsync(string customer, CancellationToken cancellationToken) => journal.ReadAsync(customer, cancellationToken);

        public Task<IReadOnlyList<string>> CustomersAsync(string? after, int limit, CancellationToken cancellationToken) => journal.CustomersAsync(after, limit, cancellationToken);

        public Task<IReadOnlyList<string>> WithoutEventsAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) => journal.WithoutEventsAsync(customers, cancellationToken);

        public Task<long> CountAsync(CancellationToken cancellationToken) => journal.CountAsync(cancellationToken);
    }
}
