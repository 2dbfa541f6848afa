using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Pipeline.Specs.Doubles;
using TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

/// <summary>Two evaluators over one store, of which one has not noticed yet that a version was published.</summary>
[TestFixture]
public sealed class When_an_evaluator_is_behind
{
    private static readonly int Crashes = Environment.GetEnvironmentVariable("TAGGING_LONG") == "1" ? 2 : 1;

    private NoChoice _store = null!;
    private VersionsInMemory _versions = null!;

    [SetUp]
    public async Task A_customer_whom_the_second_version_decided()
    {
        _store = new(StoreState.Empty);
        _versions = VersionsInMemory.Of(PublishedShop.First, PublishedShop.SameMeasures);
        await new Evaluator(_store, _versions.At(2)).CommitAsync(Purchase("a", "anna", 8));
    }

    [Test]
    public async Task It_takes_the_later_version_up_before_it_decides_a_customer_of_that_version()
    {
        var behind = new Evaluator(_store, _versions.At(1));

        await behind.CommitAsync(Purchase("b", "anna", 4));

        Assert.That((Anna.RulebookNumber, Anna.Tags["spent"].AsNumber), Is.EqualTo((2, 24)));
        Assert.That(behind.Current.Value.Number, Is.EqualTo(2));
    }

    [Test]
    public async Task All_of_its_batch_is_decided_under_that_version()
    {
        await new Evaluator(_store, _versions.At(1)).CommitAsync(Purchase("c", "bob", 1), Purchase("b", "anna", 4));

        Assert.That(_store.State.Documents.Values.Select(document => document.RulebookNumber), Is.All.EqualTo(2));
    }

    [Test]
    public async Task Until_it_meets_such_a_customer_it_goes_on_under_its_own_and_the_roll_over_follows()
    {
        var behind = new Evaluator(_store, _versions.At(1));

        await behind.CommitAsync(Purchase("c", "bob", 1));
        Assert.That(_store.State.Documents["bob"].RulebookNumber, Is.EqualTo(1));

        Assert.That(await new Evaluator(_store, _versions.At(2)).Rollover.RunAsync(CancellationToken.None), Is.Zero);
        Assert.That((_store.State.Documents["bob"].RulebookNumber, _store.State.Documents["bob"].Tags["spent"].AsNumber), Is.EqualTo((2, 2)));
    }

    [Test]
    public async Task Who_comes_over_by_an_event_is_told_of_with_the_cause_that_the_changes_have()
    {
        await new Evaluator(_store, _versions.At(1)).CommitAsync(Purchase("c", "bob", 1));
        _store = new(_store.State with { Documents = _store.State.Documents.SetItem("bob", _store.State.Documents["bob"] with { Outbox = null }) });

        await new Evaluator(_store, _versions.At(2)).CommitAsync(Purchase("d", "bob", 2));

        var outbox = _store.State.Documents["bob"].Outbox!;
        Assert.That(outbox.Changes.Select(change => change.Cause), Is.EqualTo(new[] { ChangeCause.Rulebook }));
        Assert.That(outbox.Cause, Is.EqualTo(ChangeCause.Rulebook), "or the segments that follow from these changes would be told as what an event did");
    }

    [Test]
    public async Task Its_timers_take_no_customer_back()
    {
        var behind = new Evaluator(_store, _versions.At(1), SmallShop.Noon + Duration.FromHours(2));

        var decided = await behind.Due.RunAsync(CancellationToken.None);

        Assert.That((decided.Saved, Anna.RulebookNumber), Is.EqualTo((1, 2)));
        Assert.That(Anna.Tags.Held.Select(tag => tag.Key), Is.EqualTo(new[] { "spent" }));
    }

    [Test]
    public async Task Its_roll_over_takes_no_customer_back()
    {
        var behind = new Evaluator(_store, _versions.At(1));
        var before = Anna;

        await behind.Rollover.RunAsync(CancellationToken.None);

        Assert.That(Anna, Is.SameAs(before));
        Assert.That(behind.Current.Value.Number, Is.EqualTo(2), "it has taken up the later version");
        Assert.That(await behind.Rollover.RunAsync(CancellationToken.None), Is.Zero);
    }

    [Test]
    public async Task A_rebuild_under_its_version_does_nothing()
    {
        var before = Anna;

        var rebuild = await new Evaluator(_store, _versions.At(1)).Rebuilder.RebuildAsync("anna", _versions.At(1).Value, ChangeCause.Replay, CancellationToken.None);

        Assert.That(rebuild.Outcome, Is.EqualTo(RebuildOutcome.Overtaken));
        Assert.That(Anna, Is.SameAs(before));
    }

    [Test]
    public void Where_the_later_version_is_nowhere_the_delivery_fails_and_the_customer_stays()
    {
        var before = Anna;
        var behind = new Evaluator(_store, VersionsInMemory.Of(PublishedShop.First).At(1));

        Assert.That(() => behind.CommitAsync(Purchase("b", "anna", 4)), Throws.InvalidOperationException.With.Message.Contains("Version 2 of the rulebook"));
        Assert.That(Anna, Is.SameAs(before));
    }

    [Test]
    public void No_order_and_no_crash_takes_a_customer_back()
    {
        var explored = Explore();

        Assert.That(explored.Broken, Is.Null, explored.ToString);
        Assert.That(explored.Ends, Is.Positive);
    }

    [Test]
    public void Not_keeping_the_number_is_found_to_take_customers_back() =>
        Assert.That(Explore(BrokenStores.RulebookNumberForgotten).Broken, Does.StartWith("anna was taken back"));

    private Explored Explore(Func<string, IChoicePoints, Ports>? portsOf = null)
    {
        IReadOnlyList<ShopEvent>[] deliveries = [[Purchase("a", "anna", 8)], [Purchase("b", "anna", 4)]];
        var latest = _versions.At(2).Value;
        var work = new Work(latest, portsOf) { InForce = actor => _versions.At(actor == "rollover" ? 2 : 1) };
        var explored = new Exploration.Exploration(
            [.. work.Deliveries(deliveries, _ => SmallShop.Noon), work.Rollover(SmallShop.Noon)], new NeverBack(new Promises(deliveries, latest))) { Crashes = Crashes }.Run();
        TestContext.Out.WriteLine(explored);
        return explored;
    }

    private CustomerDocument Anna => _store.State.Documents["anna"];

    private static ShopEvent Purchase(string id, string customer, decimal total) => SmallShop.Purchase(id, customer, total, SmallShop.Noon);

    /// <summary>Who was decided by nobody but the evaluator behind comes over with the next look of the roll-over, which is not part of the exploration.</summary>
    private sealed class NeverBack(IPromises others) : IPromises
    {
        public string? BrokenUnderWay(StoreState state) => others.BrokenUnderWay(state);

        public string? BrokenAtEnd(StoreState state) =>
            state.Documents.Values.All(document => document.RulebookNumber == 2) ? others.BrokenAtEnd(state) : others.BrokenUnderWay(state);
    }
}
