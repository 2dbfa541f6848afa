using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

[TestFixture]
public sealed class When_another_rulebook_came_into_force
{
    private const int Customers = RulebookRollover.PageSize + 2;

    private NoChoice _store = null!;

    [SetUp]
    public async Task Customers_under_the_rulebook_before()
    {
        _store = new(StoreState.Empty);
        var store = new ExploredStore(_store);
        var clock = new FixedClock(SmallShop.Noon);
        var committer = new EventCommitter(store, store, store, new(store, store, clock), clock);
        ShopEvent[] events =
        [
            .. Enumerable.Range(0, Customers).Select(number => SmallShop.Purchase("a", $"customer {number:0000}", 8, SmallShop.Noon)),
            SmallShop.Purchase("b", "customer 0000", 4, SmallShop.Noon),
        ];
        await committer.CommitAsync(events, new(SmallShop.Rulebook), CancellationToken.None);
    }

    [Test]
    public async Task Customers_whose_facts_fit_are_decided_again()
    {
        Assert.That(await RunAsync(SmallShop.SameMeasures), Is.Zero);

        Assert.That(Spent("customer 0000"), Is.EqualTo(24));
        Assert.That(_store.State.Documents.Values.Select(document => document.Tags.Rulebook), Is.All.EqualTo(SmallShop.SameMeasures.Version));
        Assert.That(_store.State.Told["customer 0000:tag:3"], Has.Property("Cause").EqualTo("rulebook").And.Property("KeySequence").EqualTo(2));
    }

    [Test]
    public async Task Customers_whose_facts_do_not_fit_are_rebuilt_from_the_journal()
    {
        Assert.That(await RunAsync(SmallShop.OtherMeasures), Is.Zero);

        Assert.That(Spent("customer 0000"), Is.EqualTo(12));
        Assert.That(_store.State.Documents["customer 0000"].Tags["dearest"].AsNumber, Is.EqualTo(8));
        Assert.That(_store.State.Documents.Values.Any(document => document.Outbox is not null), Is.False);
    }

    [Test]
    public async Task Going_back_gives_the_tags_of_before()
    {
        var before = _store.State.Documents.Values.Select(document => string.Join(", ", document.Tags.Held.Select(tag => (tag.Key, tag.Value)))).ToList();

        await RunAsync(SmallShop.OtherMeasures);
        await RunAsync(SmallShop.Rulebook);

        var after = _store.State.Documents.Values.Select(document => string.Join(", ", document.Tags.Held.Select(tag => (tag.Key, tag.Value)))).ToList();
        Assert.That(after, Is.EqualTo(before));
    }

    [Test]
    public async Task A_customer_who_cannot_be_rebuilt_yet_is_left_for_later()
    {
        var complete = _store.State.Journal;
        _store = new(_store.State with { Journal = complete.Remove(new("customer 0000", "b")) }); // as after a crash before it was journaled

        Assert.That(await RunAsync(SmallShop.OtherMeasures), Is.EqualTo(1));
        Assert.That(_store.State.Documents["customer 0000"].Tags.Rulebook, Is.EqualTo(SmallShop.Rulebook.Version));

        _store = new(_store.State with { Journal = complete });
        Assert.That(await RunAsync(SmallShop.OtherMeasures), Is.Zero);
        Assert.That(Spent("customer 0000"), Is.EqualTo(12));
    }

    [Test]
    public async Task Customers_of_others_shares_are_left_to_them()
    {
        string[] evaluators = ["one", "other"];
        var one = WorkShare.Of("one", evaluators);
        var ofOther = _store.State.Documents.Keys.Count(customer => !one.Has(customer));

        Assert.That(await RunAsync(SmallShop.SameMeasures, one), Is.EqualTo(ofOther).And.GreaterThan(Customers / 3));
        Assert.That(await RunAsync(SmallShop.SameMeasures, one), Is.EqualTo(ofOther), "it looks again until all are through");
        Assert.That(await RunAsync(SmallShop.SameMeasures, WorkShare.Of("other", evaluators)), Is.Zero);
        Assert.That(await RunAsync(SmallShop.SameMeasures, one), Is.Zero);
        Assert.That(_store.State.Documents.Values.Select(document => document.Version), Is.All.EqualTo(2), "nobody was decided twice");
    }

    private Task<int> RunAsync(Rulebook rulebook, WorkShare? mine = null)
    {
        var store = new ExploredStore(_store);
        var clock = new FixedClock(SmallShop.Noon);
        var current = new CurrentRulebook(rulebook);
        var share = new CurrentShare(mine ?? WorkShare.Everything);
        var redecider = new CustomerRedecider(store, new(store, store, clock), new(store, store, current, share), clock);
        return new RulebookRollover(store, redecider, current, new(current), share).RunAsync(CancellationToken.None);
    }

    private decimal Spent(string customer) => _store.State.Documents[customer].Tags["spent"].AsNumber;
}
