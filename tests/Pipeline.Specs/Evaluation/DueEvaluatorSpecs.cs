using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

[TestFixture]
public sealed class When_the_time_of_a_customer_has_come
{
    private static readonly Duration AnHour = Duration.FromHours(1);

    private NoChoice _store = null!;

    [SetUp]
    public void An_empty_store() => _store = new(StoreState.Empty);

    [Test]
    public async Task A_tag_whose_window_slid_past_ends_with_cause_time_and_is_told()
    {
        await CommitAsync(SmallShop.Purchase("a", "anna", 1, SmallShop.Noon));

        Assert.That(await RunAsync(SmallShop.Noon + AnHour - Duration.FromMilliseconds(1)), Is.Zero);
        Assert.That(_store.State.Documents["anna"].Tags["active"].IsMissing, Is.False);

        Assert.That(await RunAsync(SmallShop.Noon + AnHour), Is.EqualTo(1));
        Assert.That(_store.State.Documents["anna"].Tags["active"].IsMissing);
        Assert.That(_store.State.Told.Values.Single(change => change is { Key: "active", Value: null }).Cause, Is.EqualTo("time"));
        Assert.That(_store.State.Documents["anna"].Outbox, Is.Null);
    }

    [Test]
    public async Task An_event_that_waited_counts()
    {
        var later = SmallShop.Noon + Duration.FromMinutes(5);
        await CommitAsync(SmallShop.Purchase("a", "anna", 8, later));

        await RunAsync(later);

        Assert.That(_store.State.Documents["anna"].Tags["spent"].AsNumber, Is.EqualTo(8));
    }

    [Test]
    public async Task More_customers_than_a_page_holds_are_all_decided_in_one_pass()
    {
        var customers = (2 * DueEvaluator.PageSize) + 1;
        await CommitAsync([.. Enumerable.Range(0, customers).Select(number => SmallShop.Purchase("a", $"customer {number}", 1, SmallShop.Noon))]);

        Assert.That(await RunAsync(SmallShop.Noon + AnHour), Is.EqualTo(customers));
        Assert.That(_store.State.Documents.Values.Any(document => !document.Tags["active"].IsMissing), Is.False);
        Assert.That(await RunAsync(SmallShop.Noon + AnHour), Is.Zero);
    }

    [Test]
    public async Task Each_of_several_evaluators_decides_its_share()
    {
        const int Customers = DueEvaluator.PageSize + 100;
        await CommitAsync([.. Enumerable.Range(0, Customers).Select(number => SmallShop.Purchase("a", $"customer {number}", 1, SmallShop.Noon))]);
        string[] evaluators = ["one", "other"];
        var shares = evaluators.Select(evaluator => WorkShare.Of(evaluator, evaluators)).ToList();

        foreach (var share in shares)
            Assert.That(await RunAsync(SmallShop.Noon + AnHour, share: share), Is.EqualTo(_store.State.Documents.Keys.Count(share.Has)).And.GreaterThan(Customers / 3));

        Assert.That(_store.State.Documents.Values.Any(document => !document.Tags["active"].IsMissing), Is.False);
    }

    [Test]
    public async Task A_customer_whose_facts_are_of_other_measures_is_rebuilt()
    {
        await CommitAsync(SmallShop.Purchase("a", "anna", 8, SmallShop.Noon));

        await RunAsync(SmallShop.Noon + AnHour, new(SmallShop.OtherMeasures));

        Assert.That(_store.State.Documents["anna"].Tags["dearest"].AsNumber, Is.EqualTo(8));
    }

    private async Task CommitAsync(params ShopEvent[] events)
    {
        var store = new ExploredStore(_store);
        var clock = new FixedClock(SmallShop.Noon);
        await new EventCommitter(store, store, store, new(store, store, clock), clock).CommitAsync(events, new(SmallShop.Rulebook), CancellationToken.None);
    }

    private async Task<int> RunAsync(Instant now, CurrentRulebook? rulebook = null, WorkShare? share = null)
    {
        var store = new ExploredStore(_store);
        var clock = new FixedClock(now);
        var current = rulebook ?? new(SmallShop.Rulebook);
        var mine = new CurrentShare(share ?? WorkShare.Everything);
        var redecider = new CustomerRedecider(store, new(store, store, clock), new(store, store, current, mine), clock);
        return (await new DueEvaluator(store, redecider, current, mine, clock).RunAsync(CancellationToken.None)).Saved;
    }
}
