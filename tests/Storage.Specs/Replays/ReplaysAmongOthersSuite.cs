using System.Runtime.CompilerServices;
using System.Text.Json;
using NUnit.Framework;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Replays;
using TaggingPipeline.Storage.Specs.Suites;

namespace TaggingPipeline.Storage.Specs.Replays;

/// <summary>Replays while others save the same customers, and while somebody pauses them.</summary>
public abstract class ReplaysAmongOthersSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    private const int Seed = 20250301;

    private ReplayedShop _shop = null!;

    [SetUp]
    public void OpenShop() => _shop = new(AnotherProcess());

    [Test]
    public async Task A_document_ahead_of_the_journal_is_left_for_later()
    {
        await _shop.FillAsync();
        var document = (await Customers.LoadAsync(["bob"], None))[0];
        await Customers.CommitAsync([Samples.Save(document with { Version = document.Version + 1, Applied = [.. document.Applied, "not-journaled"] })], None);

        var report = (await _shop.ReplayAsync(new() { Apply = true })).Report;

        Assert.That(report.Left, Is.EqualTo(new[] { new LeftCustomer("bob", LeftReason.AwaitsDelivery) }));
        Assert.That((report.LeftForLater, report.Customers, report.Written), Is.EqualTo((1L, 5L, 0L)));
    }

    [Test]
    public async Task A_document_whose_first_event_is_not_in_the_journal_yet_is_left_for_later()
    {
        await _shop.FillAsync();
        var ann = (await Customers.LoadAsync(["ann"], None))[0];
        await Customers.CommitAsync([Samples.Save(ann with { Customer = "new", Version = 1, Applied = ["not-journaled"], Outbox = null })], None);

        var all = (await _shop.ReplayAsync(new())).Report;
        var one = (await _shop.ReplayAsync(new() { Customers = ["new"] }, "replay-2")).Report;

        foreach (var report in new[] { all, one })
            Assert.That((report.WithoutEvents, report.LeftForLater, report.Left.Single()), Is.EqualTo((0L, 1L, new LeftCustomer("new", LeftReason.AwaitsDelivery))));
    }

    [Test]
    public async Task Of_however_many_who_were_left_for_later_all_are_tried_again()
    {
        var names = Enumerable.Range(0, 1_150).Select(number => $"customer-{number:0000}").ToArray();
        var (first, second) = (EventsOf("1"), EventsOf("2"));
        await using var store = new TStore();
        await new ReplayedShop(store.Ports, clock: _shop.Clock).TakeAsync([.. first, .. second]);
        var documents = await store.Ports.Customers.ScanAsync(null, names.Length, None);
        await Customers.CommitAsync([.. documents.Select(document => Samples.Save(document with { Version = 1, Applied = [$"{document.Customer}/2"], Outbox = null }))], None);
        await AppendAsync(first);
        var pages = (names.Length + 99) / 100;
        var arriving = new ArrivingJournal(Journal, () => AppendAsync(second), atRead: pages + 1);
        var shop = new ReplayedShop(AnotherProcess() with { Journal = arriving }, clock: _shop.Clock);

        var run = await shop.ReplayAsync(new());

        // The page that waited for the deliveries had read its documents before.
        Assert.That((run.Report.Customers, run.Report.Same, run.Report.LeftForLater, run.Report.Left.Length), Is.EqualTo((1_150L, 1_150L, 0L, 0)));
        Assert.That((await Replays.FindAsync(run.Id, None))!.Report.LeftForLater, Is.Zero);

        ShopEvent[] EventsOf(string place) => [.. names.Select(name => ReplayedShop.Purchase($"{name}/{place}", name, 10, _shop.Clock.Now))];

        Task AppendAsync(ShopEvent[] events) => Customers.CommitAsync([.. events.Select(each => Samples.Append([EventMapping.ToJournal(each)]))], None);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task An_event_between_document_and_journal_is_no_difference(bool applies)
    {
        await _shop.FillAsync();
        var arriving = new ArrivingJournal(Journal, () => _shop.TakeAsync(ReplayedShop.Purchase("b-2", "bob", 5, _shop.Clock.Now)));
        var shop = new ReplayedShop(AnotherProcess() with { Journal = arriving }, clock: _shop.Clock);

        var report = (await shop.ReplayAsync(new() { Apply = applies })).Report;

        Assert.That((report.Customers, report.Different, report.Written, report.LeftForLater), Is.EqualTo((6L, 0L, 0L, 0L)));
        Assert.That(report.Replayed, Is.EqualTo(report.Live));
    }

    [Test]
    public async Task Promises_1_and_2_hold_for_events_that_arrive_while_a_replay_is_applied()
    {
        TestContext.Out.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        var events = ReplayedShop.RandomEvents(random, customers: 150, count: 2_400);

        // Half of the events are in the journal and in no document, so everybody is written; the others arrive meanwhile, of the same customers, some of them twice.
        foreach (var customer in events.Take(1_200).GroupBy(each => each.CustomerId))
            await Customers.CommitAsync([Samples.Append([.. customer.Select(EventMapping.ToJournal)])], None);
        var traffic = new ReplayedShop(AnotherProcess(), clock: _shop.Clock);
        var arriving = Task.Run(async () =>
        {
            foreach (var batch in events.Skip(1_200).Chunk(20))
                await traffic.TakeAsync([.. batch, .. random.GetItems(events, 5)]);
        });
        var written = 0L;
        for (var round = 0; round < 3 || !arriving.IsCompleted; round++)
        {
            var report = (await _shop.ReplayAsync(new() { Apply = true, Parts = 3 }, $"replay-{round}")).Report;
            Assert.That(report.Customers + report.LeftForLater, Is.GreaterThan(100));
            written += report.Written;
        }

        await arriving;
        var last = (await _shop.ReplayAsync(new(), "replay-last")).Report;

        Assert.That(written, Is.GreaterThan(50), "it was at work");
        Assert.That((last.Different, last.LeftForLater, last.Replayed), Is.EqualTo((0L, 0L, last.Live)));
        var journaled = await Journal.ReadManyAsync(await Journal.CustomersAsync(null, 1_000, None), None).ToListAsync();
        Assert.That(journaled.Where(each => !each.EventId.StartsWith(AssignmentEvents.ReservedIds, StringComparison.Ordinal)).Select(each => each.Key),
            Is.EquivalentTo(events.Select(each => new EventKey(each.CustomerId, each.EventId))), "nothing lost, nothing twice");
        Assert.That(last.Events, Is.EqualTo(journaled.Count));
        var told = await Feed.ReadAsync(0, int.MaxValue, None);
        foreach (var customer in told.Select(entry => JsonSerializer.Deserialize<ChangeEnvelope>(entry.Body.Span, ContractsJson.Options)!).Where(change => change.Type.StartsWith("tag.", StringComparison.Ordinal)).GroupBy(change => change.Subject))
            Assert.That(customer.Select(change => change.Sequence).Order(), Is.EqualTo(Enumerable.Range(1, customer.Count()).Select(number => (long)number)), customer.Key);
    }

    [Test]
    public async Task A_replay_goes_on_from_where_it_was_paused()
    {
        var random = new Random(Seed);
        await _shop.TakeAsync(ReplayedShop.RandomEvents(random, customers: 450, count: 2_500));
        var undisturbed = await _shop.ReplayAsync(new());
        var pausing = new PausingReplays(Replays);
        var shop = new ReplayedShop(AnotherProcess(), clock: _shop.Clock, replays: pausing);
        var run = new ReplayRun { Id = "replay-2", Version = 1, Options = new() { Parts = 1, EventsPerSecond = 1_000 }, State = ReplayState.Queued, CreatedAt = _shop.Clock.Now };
        await Replays.SaveAsync(run, None);

        run = await shop.Runner.RunAsync(run, None);
        Assert.That(run.State, Is.EqualTo(ReplayState.Paused));
        Assert.That(run.Report.Customers, Is.InRange(1, 449));
        Assert.That((await Replays.FindAsync(run.Id, None))!.Report.Customers, Is.EqualTo(run.Report.Customers));

        var resumed = run with { Version = run.Version + 1, State = ReplayState.Queued, Options = run.Options with { EventsPerSecond = 0 } };
        Assert.That(await Replays.SaveAsync(resumed, None));
        var ended = await _shop.Runner.RunAsync(resumed, None);

        Assert.That(ended.State, Is.EqualTo(ReplayState.Done));
        Assert.That(ended.Report, Is.EqualTo(undisturbed.Report with { Left = ended.Report.Left, Tags = ended.Report.Tags, Samples = ended.Report.Samples }));
        Assert.That(ended.Report.Customers, Is.EqualTo(undisturbed.Report.Customers));
    }

    /// <summary>Whoever saves how far a replay is finds that somebody has paused it.</summary>
    private sealed class PausingReplays(IReplays replays) : IReplays
    {
        private int _saves;

        public async Task<bool> SaveAsync(ReplayRun run, CancellationToken cancellationToken)
        {
            if (++_saves == 2 && await replays.FindAsync(run.Id, cancellationToken) is { } stored)
                await replays.SaveAsync(stored with { Version = stored.Version + 1, State = ReplayState.Paused }, cancellationToken);
            return await replays.SaveAsync(run, cancellationToken);
        }

        public Task<ReplayRun?> FindAsync(string id, CancellationToken cancellationToken) => replays.FindAsync(id, cancellationToken);

        public Task<IReadOnlyList<ReplayRun>> ListAsync(int limit, CancellationToken cancellationToken) => replays.ListAsync(limit, cancellationToken);

        public Task<IReadOnlyList<ReplayRun>> ListOpenAsync(CancellationToken cancellationToken) => replays.ListOpenAsync(cancellationToken);
    }
}
