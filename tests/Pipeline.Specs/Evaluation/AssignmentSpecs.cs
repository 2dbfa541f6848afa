using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

/// <summary>Promises 1 and 4 for what rules that depend on their own past came to: it gets into the journal, whatever crashes, and the journal gives the same state.</summary>
[TestFixture]
public sealed class When_rules_depend_on_their_own_past
{
    private static readonly int Crashes = Environment.GetEnvironmentVariable("TAGGING_LONG") == "1" ? 2 : 1;

    private NoChoice _store = null!;

    [SetUp]
    public void An_empty_store() => _store = new(StoreState.Empty);

    [Test]
    public async Task What_they_came_to_is_in_the_journal_and_no_accepted_event()
    {
        var committed = await CommitAsync(SmallShop.Noon, Purchase("a", 0));

        Assert.That((committed.Accepted, committed.Duplicate), Is.EqualTo((1, 0)));
        Assert.That(_store.State.Journal.Keys.Select(key => key.EventId), Is.EqualTo(new[] { "a", "tagging:assigned:active:1", "tagging:assigned:greeted:1" }));
        Assert.That(EventMapping.FromJournal(_store.State.Journal[new("anna", "tagging:assigned:active:1")]).Kind, Is.EqualTo("assignment"));
    }

    [Test]
    public async Task A_rebuild_gives_the_same_facts_and_tags()
    {
        await CommitAsync(SmallShop.Noon, Purchase("a", 0));
        await TimersAsync(SmallShop.Noon + Duration.FromMinutes(20));
        await TimersAsync(SmallShop.Noon + Duration.FromMinutes(65));
        var before = Document;
        Assert.That(before.Tags.Held.Select(tag => tag.Key), Is.EqualTo(new[] { "spent", "active" }), "kept, though the rule has not called for it for five minutes");

        await RebuildAsync(SmallShop.Noon + Duration.FromMinutes(65));

        Assert.That(Document.Version, Is.GreaterThan(before.Version));
        Assert.That(Document.Facts, Is.EqualTo(before.Facts));
        Assert.That(Document.Tags.States, Is.EqualTo(before.Tags.States));
        Assert.That(Document.WakesAt, Is.EqualTo(before.WakesAt).And.EqualTo(SmallShop.Noon + Duration.FromMinutes(75)));
    }

    [Test]
    public async Task What_a_crash_kept_from_the_journal_is_there_before_a_rebuild_reads_it()
    {
        await CommitAsync(SmallShop.Noon, Purchase("a", 0));
        var before = Document;
        LoseWhatWasMade();

        await RebuildAsync(SmallShop.Noon);

        Assert.That(Document.Facts, Is.EqualTo(before.Facts));
        Assert.That(_store.State.Journal, Has.Count.EqualTo(3));
        Assert.That(Document.Unjournaled, Is.Empty);
    }

    [Test]
    public async Task What_a_crash_kept_from_the_journal_gets_there_with_the_next_decision_of_a_timer()
    {
        await CommitAsync(SmallShop.Noon, Purchase("a", 0));
        LoseWhatWasMade();

        await TimersAsync(SmallShop.Noon + Duration.FromMinutes(60));

        Assert.That(_store.State.Journal, Has.Count.EqualTo(4), "and what the timer's decision made besides: greeted may be assigned again");
        Assert.That(Document.Unjournaled.Select(made => made.EventId), Is.EqualTo(new[] { "tagging:assigned:greeted:2" }));
    }

    [Test]
    public async Task What_a_crash_kept_from_the_journal_gets_there_with_the_next_event_and_leaves_the_document_after_that()
    {
        await CommitAsync(SmallShop.Noon, Purchase("a", 0));
        LoseWhatWasMade();

        await CommitAsync(SmallShop.Noon, Purchase("b", -1));
        Assert.That((_store.State.Journal.Count, Document.Unjournaled.Length), Is.EqualTo((4, 2)));
        await CommitAsync(SmallShop.Noon, Purchase("c", -2));
        Assert.That((_store.State.Journal.Count, Document.Unjournaled.Length), Is.EqualTo((5, 0)));
    }

    [Test]
    public async Task An_event_that_is_sent_with_an_id_of_the_pipelines_own_or_as_an_assignment_is_set_aside()
    {
        var committed = await CommitAsync(
            SmallShop.Noon, Purchase("tagging:assigned:active:1", 0), Purchase("b", 0) with { Kind = "assignment" });

        Assert.That((committed.Accepted, committed.Rejected), Is.EqualTo((0, 2)));
        Assert.That(_store.State.Rejected.Select(rejected => rejected.Code), Is.EqualTo(new[] { "bad-event-id", "bad-kind" }));
    }

    [Test]
    public void Values_of_every_kind_come_back_from_the_journal()
    {
        Value[] values = [Value.Missing, Value.True, Value.Of(1.50m), Value.Of("高"), Value.Of(SmallShop.Noon), Value.Of(new LocalDate(2024, 5, 1))];
        foreach (var value in values)
        {
            var journaled = AssignmentEvents.ToJournal("anna", new("t", value, SmallShop.Noon, 7));
            var observed = EventMapping.ToDomain(EventMapping.FromJournal(journaled));

            Assert.That((observed.Kind, observed.Properties["tag"], observed.Properties["value"], observed.Properties["sequence"], observed.OccurredAt),
                Is.EqualTo((EventKind.Assignment, Value.Of("t"), value, Value.Of(7), SmallShop.Noon)));
        }
    }

    [Test]
    public void No_crash_and_no_order_of_deliveries_timers_and_a_rebuild_loses_it()
    {
        var explored = Explore(new(SmallShop.WithAPast));

        Assert.That(explored.Broken, Is.Null, explored.ToString);
        Assert.That(explored.Ends, Is.Positive);
    }

    [Test]
    public void Not_keeping_it_in_the_document_is_found_to_break_it() =>
        Assert.That(Explore(new(SmallShop.WithAPast, BrokenStores.UnjournaledForgotten)).Broken, Does.StartWith("the facts of anna"));

    private static Explored Explore(Work work)
    {
        IReadOnlyList<ShopEvent>[] deliveries = [[Purchase("a", -50)], [Purchase("b", -40)]];
        Actor[] actors =
        [
            .. work.Deliveries(deliveries, number => SmallShop.Noon + Duration.FromMinutes(30 * number)),
            work.Timers(SmallShop.Noon + Duration.FromMinutes(25)),
            work.Rebuild("anna", SmallShop.Noon),
        ];
        var explored = new Exploration.Exploration(actors, new Promises(deliveries, SmallShop.WithAPast)) { Crashes = Crashes }.Run();
        TestContext.Out.WriteLine(explored);
        return explored;
    }

    private CustomerDocument Document => _store.State.Documents["anna"];

    private static ShopEvent Purchase(string id, int minutes) => SmallShop.Purchase(id, "anna", 1, SmallShop.Noon + Duration.FromMinutes(minutes));

    /// <summary>As after a crash between saving the document and journaling what was made.</summary>
    private void LoseWhatWasMade() => _store = new(_store.State with
    {
        Journal = _store.State.Journal.RemoveRange(_store.State.Journal.Keys.Where(key => Texts.IsMade(key.EventId))),
    });

    private Task<CommittedBatch> CommitAsync(Instant now, params ShopEvent[] events)
    {
        var store = new ExploredStore(_store);
        var clock = new FixedClock(now);
        return new EventCommitter(store, store, store, new(store, store, clock), clock).CommitAsync(events, new(SmallShop.WithAPast), CancellationToken.None);
    }

    private async Task TimersAsync(Instant now)
    {
        var store = new ExploredStore(_store);
        var clock = new FixedClock(now);
        var (current, share) = (new CurrentRulebook(SmallShop.WithAPast), new CurrentShare(WorkShare.Everything));
        var redecider = new CustomerRedecider(store, new(store, store, clock), new(store, store, current, share), clock);
        Assert.That((await new DueEvaluator(store, redecider, current, share, clock).RunAsync(CancellationToken.None)).Saved, Is.EqualTo(1));
    }

    private async Task RebuildAsync(Instant now)
    {
        var store = new ExploredStore(_store);
        var rebuild = await new CustomerRebuilder(store, store, new FixedClock(now)).RebuildAsync("anna", SmallShop.WithAPast, ChangeCause.Replay, CancellationToken.None);
        Assert.That(rebuild.Outcome, Is.EqualTo(RebuildOutcome.Rebuilt));
    }
}
