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

[TestFixture]
public sealed class When_a_roll_over_is_paused
{
    private const int Customers = (2 * RulebookRollover.PageSize) + 7;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private NoChoice _store = null!;
    private VersionsInMemory _versions = null!;
    private Evaluator _evaluator = null!;

    [SetUp]
    public async Task Customers_under_the_first_version_and_a_paused_second()
    {
        _store = new(StoreState.Empty);
        _versions = VersionsInMemory.Of(PublishedShop.First, PublishedShop.SameMeasures);
        await new Evaluator(_store, _versions.At(1)).CommitAsync([.. Enumerable.Range(0, Customers).Select(number => SmallShop.Purchase("a", $"customer {number:0000}", 1, SmallShop.Noon))]);
        _evaluator = new(_store, _versions.At(2));
        _evaluator.Pause.Set(2);
    }

    [Test]
    public async Task Nobody_comes_over_but_by_what_they_do_until_it_is_resumed()
    {
        var rollover = _evaluator.Rollover.RunAsync(CancellationToken.None);

        await _evaluator.CommitAsync(SmallShop.Purchase("b", "customer 0003", 1, SmallShop.Noon));
        Assert.That(rollover.IsCompleted, Is.False);
        Assert.That(OfSecond().Select(document => document.Customer), Is.EqualTo(new[] { "customer 0003" }));

        _evaluator.Pause.Set(null);
        Assert.That(await rollover.WaitAsync(Patience), Is.Zero);
        Assert.That(OfSecond(), Has.Count.EqualTo(Customers));
    }

    [Test]
    public async Task It_stops_after_the_page_that_it_is_at()
    {
        _evaluator.Pause.Set(null);
        await _evaluator.StopAfterAPageAsync();

        Assert.That(OfSecond(), Has.Count.EqualTo(RulebookRollover.PageSize));
    }

    [Test]
    public async Task Within_a_page_it_stops_too_where_customers_are_rebuilt()
    {
        _versions.Publish(PublishedShop.OtherMeasures);
        var evaluator = new Evaluator(_store, _versions.At(3));

        await evaluator.StopAfterAPageAsync();

        Assert.That(_store.State.Documents.Values.Count(document => document.RulebookNumber == 3), Is.GreaterThan(0).And.LessThan(RulebookRollover.PageSize / 10));
        Assert.That(evaluator.Rollover.Done, Is.EqualTo(_store.State.Documents.Values.Count(document => document.RulebookNumber == 3)));
    }

    [Test]
    public async Task Another_version_does_not_wait()
    {
        var rollover = _evaluator.Rollover.RunAsync(CancellationToken.None);
        _versions.Publish(PublishedShop.OtherMeasures);
        await _evaluator.Current.FollowAsync(CancellationToken.None);

        await rollover.WaitAsync(Patience);
        Assert.That(await _evaluator.Rollover.RunAsync(CancellationToken.None).WaitAsync(Patience), Is.Zero);
        Assert.That(_store.State.Documents.Values.Select(document => document.RulebookNumber), Is.All.EqualTo(3));
    }

    [Test]
    public void One_that_waits_can_be_ended()
    {
        using var ended = new CancellationTokenSource();
        var rollover = _evaluator.Rollover.RunAsync(ended.Token);

        ended.Cancel();

        Assert.That(() => rollover.WaitAsync(Patience), Throws.InstanceOf<OperationCanceledException>());
    }

    private List<CustomerDocument> OfSecond() => [.. _store.State.Documents.Values.Where(document => document.RulebookNumber == 2)];
}

[TestFixture]
public sealed class When_two_publish_at_once
{
    private static readonly FixedClock Clock = new(SmallShop.Noon);

    [Test]
    public async Task The_second_comes_after_the_first_and_nothing_is_lost()
    {
        var (versions, publisher, rulebook) = Shop(out var current);

        var publication = await publisher.PublishAsync(rulebook, expected: null, CancellationToken.None);

        Assert.That((publication.Outcome, publication.InForce!.Number, publication.InForce.PublishedAt), Is.EqualTo((PublicationOutcome.Published, 3L, SmallShop.Noon)));
        Assert.That((await versions.FindAsync(2, CancellationToken.None))!.Content, Is.EqualTo(PublishedShop.OtherMeasures));
        Assert.That((current.Value.Number, current.Value.ContentHash), Is.EqualTo((3, rulebook.Rulebook.ContentHash)));
    }

    [Test]
    public async Task Who_expected_the_version_before_the_first_publishes_nothing()
    {
        var (versions, publisher, rulebook) = Shop(out _);

        var publication = await publisher.PublishAsync(rulebook, expected: 1, CancellationToken.None);

        Assert.That((publication.Outcome, publication.InForce!.Number), Is.EqualTo((PublicationOutcome.Unexpected, 2L)));
        Assert.That(await versions.FindAsync(3, CancellationToken.None), Is.Null);
    }

    /// <summary>Somebody else publishes right before the first try to append.</summary>
    private static (VersionsInMemory, RulebookPublisher, ProposedRulebook) Shop(out CurrentRulebook current)
    {
        var versions = VersionsInMemory.Of(PublishedShop.First);
        versions.BeforeAppend = () =>
        {
            versions.BeforeAppend = () => { };
            versions.Publish(PublishedShop.OtherMeasures);
        };
        current = versions.At(1);
        return (versions, new(versions, current, Clock), new(PublishedShop.SameMeasures, RulebookFile.Compile(PublishedShop.SameMeasures).Rulebook!, "ben", "", RulebookVersion.OfApi));
    }
}

/// <summary>What one process decides with.</summary>
internal sealed class Evaluator
{
    private readonly EventCommitter _committer;
    private readonly PausingSink _sink;

    public Evaluator(NoChoice choices, CurrentRulebook current, Instant? now = null)
    {
        var store = new ExploredStore(choices);
        var clock = new FixedClock(now ?? SmallShop.Noon);
        var share = new CurrentShare(WorkShare.Everything);
        Current = current;
        Pause = new(current);
        Rebuilder = new(store, store, clock);
        _sink = new(store);
        var redecider = new CustomerRedecider(store, Rebuilder, new(store, _sink, current, share), clock);
        _committer = new(store, store, store, Rebuilder, clock);
        Due = new(store, redecider, current, share, clock);
        Rollover = new(store, redecider, current, Pause, share);
    }

    public CurrentRulebook Current { get; }

    public RolloverPause Pause { get; }

    public CustomerRebuilder Rebuilder { get; }

    public DueEvaluator Due { get; }

    public RulebookRollover Rollover { get; }

    public async Task CommitAsync(params ShopEvent[] events) => await _committer.CommitAsync(events, Current, CancellationToken.None);

    /// <summary>Begins a roll-over, has it wait once changes of a page are told, and ends it there.</summary>
    public async Task StopAfterAPageAsync()
    {
        using var ended = new CancellationTokenSource();
        _sink.Told = () => Pause.Set(Current.Value.Number);
        var rollover = Rollover.RunAsync(ended.Token);
        await ended.CancelAsync();
        Assert.That(() => rollover, Throws.InstanceOf<OperationCanceledException>());
    }

    private sealed class PausingSink(IChangeSink told) : IChangeSink
    {
        public Action Told { get; set; } = () => { };

        public async Task PublishAsync(IReadOnlyList<TagsChanged> messages, CancellationToken cancellationToken)
        {
            await told.PublishAsync(messages, cancellationToken);
            Told();
        }
    }
}
