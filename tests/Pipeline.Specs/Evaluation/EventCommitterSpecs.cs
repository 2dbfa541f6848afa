using System.Text.Json;
using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

[TestFixture]
public sealed class When_a_batch_is_committed
{
    private static readonly Instant Morning = SmallShop.Noon - Duration.FromHours(3);

    private NoChoice _store = null!;

    [SetUp]
    public void An_empty_store() => _store = new(StoreState.Empty);

    [Test]
    public async Task Events_new_to_the_journal_are_accepted_and_others_are_duplicates()
    {
        var first = await CommitAsync(SmallShop.Purchase("a", "anna", 1, Morning), SmallShop.Purchase("a", "ben", 2, Morning));
        var second = await CommitAsync(SmallShop.Purchase("a", "anna", 1, Morning), SmallShop.Purchase("b", "anna", 4, Morning));

        Assert.That((first.Accepted, first.Duplicate), Is.EqualTo((2, 0)));
        Assert.That((second.Accepted, second.Duplicate), Is.EqualTo((1, 1)));
        Assert.That(Spent("anna"), Is.EqualTo(5));
        Assert.That(Spent("ben"), Is.EqualTo(2));
    }

    [Test]
    public async Task An_event_that_the_batch_repeats_counts_once()
    {
        var purchase = SmallShop.Purchase("a", "anna", 1, Morning);

        var committed = await CommitAsync(purchase, purchase);

        Assert.That((committed.Accepted, committed.Duplicate), Is.EqualTo((1, 1)));
        Assert.That(Spent("anna"), Is.EqualTo(1));
    }

    [Test]
    public async Task Nothing_is_saved_for_customers_without_anything_new()
    {
        await CommitAsync(SmallShop.Purchase("a", "anna", 1, Morning));
        var before = _store.State;

        await CommitAsync(SmallShop.Purchase("a", "anna", 1, Morning));

        Assert.That(_store.State, Is.SameAs(before));
    }

    [Test]
    public async Task What_is_no_event_at_all_is_set_aside_and_the_rest_goes_on()
    {
        var committed = await CommitAsync(null!, SmallShop.Purchase("b", "anna", 2, Morning));

        Assert.That((committed.Accepted, committed.Rejected), Is.EqualTo((1, 1)));
        Assert.That(_store.State.Rejected[0], Has.Property("Code").EqualTo("bad-event").And.Property("Payload").EqualTo("null"));
        Assert.That(Spent("anna"), Is.EqualTo(2));
    }

    [Test]
    public async Task An_event_that_cannot_be_accepted_is_set_aside_once_and_the_rest_goes_on()
    {
        var bad = SmallShop.Purchase("a", "anna", 1, Morning) with { Kind = "prank" };

        await CommitAsync(bad, SmallShop.Purchase("b", "anna", 2, Morning));
        var again = await CommitAsync(bad, SmallShop.Purchase("b", "anna", 2, Morning));

        Assert.That((again.Accepted, again.Duplicate, again.Rejected), Is.EqualTo((0, 1, 1)));
        Assert.That(_store.State.Rejected, Has.Count.EqualTo(1));
        Assert.That(_store.State.Rejected[0], Has.Property("Code").EqualTo("bad-kind").And.Property("MessageId").EqualTo("a"));
        Assert.That(JsonDocument.Parse(_store.State.Rejected[0].Payload).RootElement.GetProperty("kind").GetString(), Is.EqualTo("prank"));
    }

    [Test]
    public async Task Text_that_is_no_Unicode_is_set_aside_too()
    {
        var bad = SmallShop.Purchase("a", "anna", 1, Morning) with { Properties = JsonDocument.Parse("""{"note": "\ud800"}""").RootElement };

        var committed = await CommitAsync(bad, SmallShop.Purchase("b", "anna", 2, Morning));

        Assert.That((committed.Accepted, committed.Rejected), Is.EqualTo((1, 1)));
        Assert.That(_store.State.Rejected[0], Has.Property("Code").EqualTo("bad-text"));
        Assert.That(_store.State.Rejected[0].Payload, Does.Contain("""{"note": "\ud800"}"""));
    }

    [Test]
    public async Task The_journal_keeps_the_event_as_it_came()
    {
        await CommitAsync(SmallShop.Purchase("a", "anna", 12.50m, Morning));

        var body = JsonDocument.Parse(_store.State.Journal[new("anna", "a")].Body).RootElement;
        Assert.That(body.GetProperty("properties").GetProperty("total").GetRawText(), Is.EqualTo("12.50"));
    }

    [Test]
    public async Task A_first_document_is_told_of_even_without_changes()
    {
        var committed = await CommitAsync(SmallShop.Profile("a", "anna", "Lyon", Morning));

        Assert.That(committed.Untold.Single().Document.Outbox!.Revision, Is.EqualTo(1));
    }

    [Test]
    public async Task A_trait_that_segments_use_is_told_of_even_without_changes()
    {
        await CommitAsync(SmallShop.Profile("a", "anna", "Lyon", Morning));
        await TellAllAsync();

        var same = await CommitAsync(SmallShop.Profile("b", "anna", "Lyon", SmallShop.Noon - Duration.FromHours(2)));
        var other = await CommitAsync(SmallShop.Profile("c", "anna", "Paris", SmallShop.Noon - Duration.FromHours(1)));

        Assert.That(same.Untold, Is.Empty);
        Assert.That(other.Untold.Single().Document.Outbox!.Changes, Is.Empty);
        Assert.That(other.Untold.Single().Traits["city"], Is.EqualTo(Value.Of("Paris")));
    }

    [Test]
    public async Task Changes_not_yet_told_stay_in_front_of_new_ones()
    {
        await CommitAsync(SmallShop.Purchase("a", "anna", 1, Morning));

        var committed = await CommitAsync(SmallShop.Purchase("b", "anna", 2, Morning));

        var outbox = committed.Untold.Single().Document.Outbox!;
        Assert.That(outbox.Changes.Select(change => change.Sequence), Is.EqualTo(new[] { 1, 2 }));
        Assert.That(outbox.Revision, Is.EqualTo(2));
    }

    [Test]
    public async Task An_event_that_waits_for_its_instant_wakes_the_customer_then()
    {
        var later = SmallShop.Noon + Duration.FromMinutes(5);

        await CommitAsync(SmallShop.Purchase("a", "anna", 1, later));

        Assert.That(_store.State.Journal, Has.Count.EqualTo(1));
        Assert.That(_store.State.Documents["anna"].WakesAt, Is.EqualTo(later));
        Assert.That(_store.State.Documents["anna"].Tags["spent"].AsNumber, Is.Zero);
    }

    [Test]
    public async Task A_clock_that_is_behind_takes_nothing_back()
    {
        await CommitAsync(SmallShop.Purchase("a", "anna", 1, Morning));

        await CommitAsync(SmallShop.Noon - Duration.FromMinutes(10), SmallShop.Rulebook, SmallShop.Purchase("b", "anna", 2, Morning));

        Assert.That(_store.State.Documents["anna"].EvaluatedAt, Is.EqualTo(SmallShop.Noon));
    }

    [Test]
    public async Task A_customer_whose_facts_are_of_other_measures_is_rebuilt_first()
    {
        await CommitAsync(SmallShop.Noon, SmallShop.OtherMeasures, SmallShop.Purchase("a", "anna", 1, Morning));

        await CommitAsync(SmallShop.Purchase("b", "anna", 2, Morning));

        Assert.That(Spent("anna"), Is.EqualTo(3));
        Assert.That(_store.State.Documents["anna"].Tags["dearest"].IsMissing);
    }

    [Test]
    public async Task A_customer_who_cannot_be_rebuilt_yet_does_not_hold_up_the_others()
    {
        await CommitAsync(SmallShop.Noon, SmallShop.OtherMeasures, SmallShop.Purchase("a", "anna", 1, Morning));
        _store = new(_store.State with { Journal = _store.State.Journal.Remove(new("anna", "a")) }); // as after a crash before it was journaled

        Assert.That(
            async () => await CommitAsync(SmallShop.Purchase("b", "anna", 2, Morning), SmallShop.Purchase("a", "ben", 4, Morning)),
            Throws.TypeOf<UnfinishedDeliveryException>());
        Assert.That(_store.State.Journal.Keys, Is.EqualTo(new[] { new EventKey("ben", "a") }));

        await CommitAsync(SmallShop.Purchase("a", "anna", 1, Morning), SmallShop.Purchase("b", "anna", 2, Morning));
        Assert.That(Spent("anna"), Is.EqualTo(3));
    }

    private Task<CommittedBatch> CommitAsync(params Contracts.ShopEvent[] events) => CommitAsync(SmallShop.Noon, SmallShop.Rulebook, events);

    private Task<CommittedBatch> CommitAsync(Instant now, Rulebook rulebook, params Contracts.ShopEvent[] events)
    {
        var store = new ExploredStore(_store);
        var clock = new FixedClock(now);
        var committer = new EventCommitter(store, store, store, new(store, store, clock), clock);
        return committer.CommitAsync(events, new(rulebook), CancellationToken.None);
    }

    private async Task TellAllAsync()
    {
        var store = new ExploredStore(_store);
        await new ChangePublisher(store, store, new(SmallShop.Rulebook), new(WorkShare.Everything)).SweepAsync(CancellationToken.None);
    }

    private decimal Spent(string customer) => _store.State.Documents[customer].Tags["spent"].AsNumber;
}
