using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Populations;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Pipeline.Specs.Doubles;
using TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Populations;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class When_the_population_is_looked_at
{
    private const int Customers = PopulationCensus.PageSize + 5;

    private readonly SnapshotsInMemory _snapshots = new();
    private readonly HurriedClock _clock = new(SmallShop.Noon.ToDateTimeOffset());
    private NoChoice _store = new(StoreState.Empty);

    [Test]
    public async Task A_snapshot_of_all_customers_is_recorded_and_in_force()
    {
        var evaluator = await ShopAsync();

        Assert.That(await evaluator.CountAsync(), Is.EqualTo(CensusOutcome.Taken));

        var expected = new PopulationSnapshot(1, SmallShop.Noon, [PopulationFigures.Of("sum(purchase.total)", [.. Enumerable.Range(1, Customers).Select(total => (decimal)total)])]);
        Assert.That(await _snapshots.LatestAsync(0, CancellationToken.None), Is.EqualTo(expected));
        Assert.That(evaluator.Current.Value.DecidesAs, Is.EqualTo($"{ScoredShop.Rulebook.Version}/p1"));
        Assert.That(await evaluator.CountAsync(), Is.EqualTo(CensusOutcome.NotDue));
    }

    [Test]
    public async Task Customers_are_then_decided_again_because_of_time_and_only_scores_change()
    {
        var evaluator = await ShopAsync();
        var told = _store.State.Told.Count;
        await evaluator.CountAsync();

        Assert.That(await evaluator.Rollover.RunAsync(CancellationToken.None), Is.Zero);

        Assert.That(_store.State.Documents.Values.Select(document => document.Tags.Rulebook), Is.All.EqualTo($"{ScoredShop.Rulebook.Version}/p1"));
        Assert.That(_store.State.Documents.Values.CountBy(document => document.Tags["rank"].AsNumber).OrderBy(rank => rank.Key).Select(rank => rank.Value),
            Is.EqualTo(Enumerable.Repeat(Customers / 5, 5)));
        Assert.That(_store.State.Told, Has.Count.EqualTo(told + Customers));
        Assert.That(_store.State.Told.Values.Where(change => change.Key == "rank").Select(change => change.Cause), Is.All.EqualTo("time"));

        var versions = Versions();
        await evaluator.Rollover.RunAsync(CancellationToken.None);
        Assert.That(Versions(), Is.EqualTo(versions), "nobody is decided twice");
    }

    [Test]
    public async Task The_next_is_taken_when_a_day_has_begun()
    {
        var evaluator = await ShopAsync();
        await evaluator.CountAsync();
        await evaluator.Rollover.RunAsync(CancellationToken.None);
        await evaluator.CommitAsync(SmallShop.Purchase("more", "customer 0000", 1_000, SmallShop.Noon));
        var told = _store.State.Told.Count;

        MoveTo(Instant.FromUtc(2024, 5, 1, 23, 59));
        Assert.That(await evaluator.CountAsync(), Is.EqualTo(CensusOutcome.NotDue));
        MoveTo(Instant.FromUtc(2024, 5, 2, 0, 0));
        Assert.That(await evaluator.CountAsync(), Is.EqualTo(CensusOutcome.Taken));
        await evaluator.Rollover.RunAsync(CancellationToken.None);

        Assert.That(evaluator.Current.Population!.Number, Is.EqualTo(2));
        Assert.That(_store.State.Documents.Values.Select(document => document.Tags.Rulebook), Is.All.EqualTo($"{ScoredShop.Rulebook.Version}/p2"));
        Assert.That(_store.State.Told.Count - told, Is.InRange(1, 4), "those at the cuts are told of");
        Assert.That((await _snapshots.FindAsync(1, CancellationToken.None))!.Figures[0].CutAt(99), Is.LessThan(1_000), "the first is as it was");
    }

    [Test]
    public async Task Who_asks_for_one_gets_it_whenever_the_next_is_due()
    {
        var evaluator = await ShopAsync();
        await evaluator.CountAsync();

        Assert.That(await evaluator.TakeAsync(), Is.EqualTo(CensusOutcome.Taken));
        Assert.That(evaluator.Current.Population!.Number, Is.EqualTo(2));

        evaluator.Current.Replace(SmallShop.Rulebook);
        Assert.That(await evaluator.TakeAsync(), Is.EqualTo(CensusOutcome.NotDue), "nothing is scored");
    }

    [Test]
    public async Task One_is_taken_at_once_for_a_number_that_was_not_scored_before()
    {
        var evaluator = await ShopAsync();
        await evaluator.CountAsync();

        evaluator.Current.Replace(ScoredShop.SameMeasures);

        Assert.That(evaluator.Current.Value.DecidesAs, Is.EqualTo($"{ScoredShop.SameMeasures.Version}/p1"));
        Assert.That(await evaluator.CountAsync(), Is.EqualTo(CensusOutcome.Taken));
        Assert.That(evaluator.Current.Population!.Figures.Select(figures => figures.Argument), Is.EqualTo(["sum(purchase.total) * 2", "sum(purchase.total)"]), "and what was scored before");
    }

    [Test]
    public async Task A_rulebook_that_is_gone_back_to_scores_customers_as_before()
    {
        var evaluator = await ShopAsync();
        await evaluator.CountAsync();
        await evaluator.Rollover.RunAsync(CancellationToken.None);
        var before = Ranks();
        var told = _store.State.Told.Count;

        evaluator.Current.Replace(ScoredShop.OtherMeasures);
        await evaluator.Rollover.RunAsync(CancellationToken.None);
        Assert.That(await evaluator.CountAsync(), Is.EqualTo(CensusOutcome.Taken));
        evaluator.Current.Replace(ScoredShop.Rulebook);
        Assert.That(await evaluator.Rollover.RunAsync(CancellationToken.None), Is.Zero);

        Assert.That(Ranks(), Is.EqualTo(before));
        Assert.That(await evaluator.CountAsync(), Is.EqualTo(CensusOutcome.NotDue), "and nothing has to be counted for it");
        Assert.That(_store.State.Told, Has.Count.EqualTo(told + (2 * Customers)), "the score that was gone for lack of figures came back");
    }

    [Test]
    public async Task It_waits_for_customers_who_have_yet_to_be_rebuilt()
    {
        var evaluator = await ShopAsync();
        evaluator.Current.Replace(ScoredShop.OtherMeasures);

        Assert.That(await evaluator.CountAsync(), Is.EqualTo(CensusOutcome.Unfinished));
        Assert.That(await _snapshots.LatestAsync(0, CancellationToken.None), Is.Null);

        await evaluator.Rollover.RunAsync(CancellationToken.None);
        Assert.That(await evaluator.CountAsync(), Is.EqualTo(CensusOutcome.Taken));
        Assert.That(evaluator.Current.Population!.Figures[0].Customers, Is.EqualTo(Customers));
    }

    [Test]
    public async Task Nothing_is_recorded_while_there_is_nobody()
    {
        var evaluator = new Evaluator(this);
        Assert.That(await evaluator.CountAsync(), Is.EqualTo(CensusOutcome.Nobody));
        Assert.That(await _snapshots.LatestAsync(0, CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task It_is_the_business_of_the_first_evaluator_alone()
    {
        await ShopAsync();
        string[] evaluators = ["one", "other"];
        Assert.That(await new Evaluator(this).CountAsync(WorkShare.Of("other", evaluators)), Is.EqualTo(CensusOutcome.NotDue));
        Assert.That(await new Evaluator(this).CountAsync(WorkShare.Of("one", evaluators)), Is.EqualTo(CensusOutcome.Taken));
    }

    [Test]
    public async Task Of_two_who_do_it_at_once_one_follows_the_other()
    {
        var (one, other) = (await ShopAsync(), new Evaluator(this));
        await one.CountAsync();
        MoveTo(SmallShop.Noon + Duration.FromSeconds(1));

        Assert.That(await other.CountAsync(), Is.EqualTo(CensusOutcome.Overtaken));
        Assert.That(other.Current.Population, Is.Null);
        other.Current.Follow((await _snapshots.LatestAsync(0, CancellationToken.None))!);
        Assert.That(await other.CountAsync(), Is.EqualTo(CensusOutcome.NotDue));
        Assert.That(other.Current.Value.DecidesAs, Is.EqualTo(one.Current.Value.DecidesAs));
    }

    [Test]
    public async Task Promise_4_a_rebuild_gives_the_same_bytes_though_the_population_moved_on()
    {
        var evaluator = await ShopAsync();
        await evaluator.CountAsync();
        await evaluator.Rollover.RunAsync(CancellationToken.None);
        await evaluator.CommitAsync([.. Enumerable.Range(0, 100).Select(number => SmallShop.Purchase("a", $"newcomer {number}", 10_000, SmallShop.Noon))]);
        var before = _store.State;

        // Another process that knows nothing but what is recorded.
        var another = new Evaluator(this);
        another.Current.Follow((await _snapshots.LatestAsync(0, CancellationToken.None))!);
        await another.RebuildAsync(before.Documents.Keys);

        Assert.That(_store.State.Told.Keys, Is.EqualTo(before.Told.Keys), "nothing changed");
        foreach (var (customer, document) in before.Documents)
        {
            var rebuilt = _store.State.Documents[customer];
            Assert.That(rebuilt.Facts.Bytes, Is.EqualTo(document.Facts.Bytes), customer);
            Assert.That((rebuilt.Tags, rebuilt.WakesAt), Is.EqualTo((document.Tags, document.WakesAt)), customer);
        }

        // And where nothing is left but the journal.
        _store = new(before with { Documents = StoreState.Empty.Documents });
        var third = new Evaluator(this);
        third.Current.Follow((await _snapshots.LatestAsync(0, CancellationToken.None))!);
        await third.RebuildAsync(before.Documents.Keys);
        foreach (var (customer, document) in before.Documents)
        {
            var rebuilt = _store.State.Documents[customer];
            Assert.That(rebuilt.Facts.Bytes, Is.EqualTo(document.Facts.Bytes), customer);
            Assert.That(StateOf(rebuilt.Tags), Is.EqualTo(StateOf(document.Tags)), customer);
        }

        static (string, string) StateOf(TagSet tags) => (tags.Rulebook, string.Join(", ", tags.States.Select(state => (state.Key, state.Value, state.ChangesAt))));
    }

    [Test]
    public async Task A_customer_who_buys_is_scored_by_the_snapshot_in_force()
    {
        var evaluator = await ShopAsync();
        await evaluator.CountAsync();

        await evaluator.CommitAsync(SmallShop.Purchase("b", "customer 0000", 1_000, SmallShop.Noon));

        var document = _store.State.Documents["customer 0000"];
        Assert.That((document.Tags["rank"], document.Tags.Rulebook), Is.EqualTo((Value.Of(5m), $"{ScoredShop.Rulebook.Version}/p1")));
        Assert.That(_store.State.Told["customer 0000:tag:2"], Has.Property("Rulebook").EqualTo($"{ScoredShop.Rulebook.Version}/p1"));
    }

    [Test]
    public void A_rulebook_that_comes_into_force_has_the_latest_snapshot()
    {
        var current = new CurrentRulebook(SmallShop.Rulebook);
        var replaced = new List<string>();
        current.Replaced += rulebook => replaced.Add(rulebook.DecidesAs);

        current.Follow(new(2, SmallShop.Noon, []));
        Assert.That(replaced, Is.Empty, "it scores nothing");
        current.Replace(ScoredShop.Rulebook);
        current.Follow(new(1, SmallShop.Noon, []));
        current.Follow(new(3, SmallShop.Noon, []));

        Assert.That(replaced, Is.EqualTo([$"{ScoredShop.Rulebook.Version}/p2", $"{ScoredShop.Rulebook.Version}/p3"]));
        Assert.That(current.Value.Version, Is.EqualTo(ScoredShop.Rulebook.Version));
    }

    /// <summary>Customers who spent 1, 2, 3 and so on.</summary>
    private async Task<Evaluator> ShopAsync()
    {
        var evaluator = new Evaluator(this);
        await evaluator.CommitAsync([.. Enumerable.Range(0, Customers).Select(number => SmallShop.Purchase("a", $"customer {number:0000}", number + 1, SmallShop.Noon))]);
        return evaluator;
    }

    private void MoveTo(Instant instant) => _clock.Now = instant.ToDateTimeOffset();

    private List<Value> Ranks() => [.. _store.State.Documents.Values.Select(document => document.Tags["rank"])];

    private List<long> Versions() => [.. _store.State.Documents.Values.Select(document => document.Version)];

    /// <summary>One process.</summary>
    private sealed class Evaluator
    {
        private readonly EventCommitter _committer;
        private readonly CustomerRebuilder _rebuilder;
        private readonly ChangePublisher _publisher;
        private readonly PopulationCensus _census;

        public Evaluator(When_the_population_is_looked_at shop)
        {
            var store = new ExploredStore(shop._store);
            var share = new CurrentShare(WorkShare.Everything);
            _rebuilder = new(store, store, shop._clock);
            _committer = new(store, store, store, _rebuilder, shop._clock);
            _publisher = new(store, store, Current, share);
            _census = new(store, shop._snapshots, Current, shop._clock);
            Rollover = new(store, new(store, _rebuilder, _publisher, shop._clock), Current, new(Current), share);
        }

        public CurrentRulebook Current { get; } = new(ScoredShop.Rulebook);

        public RulebookRollover Rollover { get; }

        public Task<CensusOutcome> TakeAsync() => _census.TakeAsync(CancellationToken.None);

        public Task<CensusOutcome> CountAsync(WorkShare? mine = null) => _census.TakeIfDueAsync(mine ?? WorkShare.Everything, CancellationToken.None);

        public async Task CommitAsync(params ShopEvent[] events)
        {
            var committed = await _committer.CommitAsync(events, Current, CancellationToken.None);
            await _publisher.PublishAsync(committed.Untold, CancellationToken.None);
        }

        public async Task RebuildAsync(IEnumerable<string> customers)
        {
            foreach (var customer in customers)
                Assert.That((await _rebuilder.RebuildAsync(customer, Current.Value, ChangeCause.Replay, CancellationToken.None)).Outcome, Is.EqualTo(RebuildOutcome.Rebuilt));
        }
    }
}
