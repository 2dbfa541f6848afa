using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Pipeline.Specs.Doubles;
using TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

[TestFixture]
public sealed class When_a_version_is_gone_back_on
{
    private const int Customers = (2 * RulebookRollover.PageSize) + 7;

    private NoChoice _store = null!;

    [SetUp]
    public void An_empty_store() => _store = new(StoreState.Empty);

    [TestCase(false)]
    [TestCase(true)]
    public async Task In_the_middle_of_its_roll_over_customers_end_as_if_it_had_never_been(bool needsTheJournal)
    {
        var published = needsTheJournal ? PublishedShop.OtherMeasures : PublishedShop.SameMeasures;
        var versions = VersionsInMemory.Of(PublishedShop.First);
        var first = new Evaluator(_store, versions.At(1));
        await first.CommitAsync([.. Enumerable.Range(0, Customers).Select(number => SmallShop.Purchase("a", $"customer {number:0000}", number + 1, SmallShop.Noon))]);
        var never = States();

        versions.Publish(published);
        var second = new Evaluator(_store, versions.At(2));
        await second.StopAfterAPageAsync();
        var reached = _store.State.Documents.Values.Count(document => document.RulebookNumber == 2);
        Assert.That(reached, Is.GreaterThan(0).And.LessThan(Customers), "it is in the middle");

        versions.Publish(PublishedShop.First);
        Assert.That(await new Evaluator(_store, versions.At(3)).Rollover.RunAsync(CancellationToken.None), Is.Zero);

        Assert.That(States(), Is.EqualTo(never));
        Assert.That(_store.State.Documents.Values.Count(document => document.RulebookNumber == 3), Is.EqualTo(reached), "nobody else was touched");
    }

    [Test]
    public async Task A_rule_with_a_past_that_only_it_had_leaves_no_tag_and_an_ended_assignment()
    {
        var versions = VersionsInMemory.Of(PublishedShop.First, PublishedShop.WithHold, PublishedShop.First);
        await new Evaluator(_store, versions.At(1)).CommitAsync(SmallShop.Purchase("a", "anna", 8, SmallShop.Noon));
        var never = Anna;

        await new Evaluator(_store, versions.At(2)).Rollover.RunAsync(CancellationToken.None);
        await new Evaluator(_store, versions.At(3)).Rollover.RunAsync(CancellationToken.None);

        Assert.That(StateOf(Anna).Tags, Is.EqualTo(StateOf(never).Tags));
        Assert.That(Anna.WakesAt, Is.EqualTo(never.WakesAt));
        Assert.That(_store.State.Journal.Keys.Select(key => key.EventId), Is.EqualTo(new[] { "a", "tagging:assigned:active:1", "tagging:assigned:active:2" }));
        Assert.That(Anna.Facts, Is.Not.EqualTo(never.Facts), "the end of the assignment is a fact: docs/decisions says why it cannot be taken back");
    }

    [Test]
    public async Task A_rule_with_a_past_that_both_have_is_not_touched()
    {
        var versions = VersionsInMemory.Of(PublishedShop.WithHold, PublishedShop.WithHold.Replace("sum(purchase.total)", "sum(purchase.total) * 2", StringComparison.Ordinal), PublishedShop.WithHold);
        await new Evaluator(_store, versions.At(1)).CommitAsync(SmallShop.Purchase("a", "anna", 8, SmallShop.Noon));
        await new Evaluator(_store, versions.At(1), SmallShop.Noon + Duration.FromMinutes(65)).Due.RunAsync(CancellationToken.None);
        var never = Anna;

        foreach (var number in new[] { 2, 3 })
            await new Evaluator(_store, versions.At(number), SmallShop.Noon + Duration.FromMinutes(65)).Rollover.RunAsync(CancellationToken.None);

        Assert.That(StateOf(Anna), Is.EqualTo(StateOf(never)));
        Assert.That(_store.State.Journal, Has.Count.EqualTo(2));
        Assert.That(Anna.RulebookNumber, Is.EqualTo(3));
    }

    [Test]
    public async Task A_rule_with_a_past_that_it_did_not_have_begins_anew()
    {
        var versions = VersionsInMemory.Of(PublishedShop.WithHold, PublishedShop.First, PublishedShop.WithHold);
        var (noon, later) = (SmallShop.Noon, SmallShop.Noon + Duration.FromMinutes(65));
        await new Evaluator(_store, versions.At(1), noon).CommitAsync(SmallShop.Purchase("a", "anna", 8, noon));
        await new Evaluator(_store, versions.At(1), later).Due.RunAsync(CancellationToken.None);
        Assert.That(Anna.Tags["active"].IsMissing, Is.False, "kept, though the rule has not called for it for five minutes");

        foreach (var number in new[] { 2, 3 })
            await new Evaluator(_store, versions.At(number), later).Rollover.RunAsync(CancellationToken.None);

        Assert.That(Anna.Tags["active"].IsMissing, Is.True, "the version in between has ended what was kept: docs/decisions says so");
    }

    private CustomerDocument Anna => _store.State.Documents["anna"];

    private List<(string, string, string, Instant?)> States() => [.. _store.State.Documents.Values.Select(StateOf)];

    private static (string Facts, string Tags, string Rulebook, Instant? WakesAt) StateOf(CustomerDocument document) => (
        Convert.ToHexString(document.Facts.Bytes), string.Join("; ", document.Tags.Held.Select(tag => $"{tag.Key}={tag.Value} until {tag.ChangesAt}")), document.Tags.Rulebook, document.WakesAt);
}
