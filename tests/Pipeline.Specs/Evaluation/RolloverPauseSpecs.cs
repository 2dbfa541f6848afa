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
    public async Task So_it_does_where_the_first_of_the_page_needs_no_rebuilding()
    {
        var first = _store.State.Documents["customer 0000"];
        _versions.Publish(PublishedShop.OtherMeasures);
        await new Evaluator(_store, _versions.At(3)).Rollover.RunAsync(CancellationToken.None);
        _store = new(_store.State with { Documents = _store.State.Documents.SetItem(first.Customer, first) }); // as if version 3 had not come to that one yet
        _versions.Publish(PublishedShop.SameMeasures);
        var evaluator = new Evaluator(_store, _versions.At(4));

        await evaluator.StopAfterAPageAsync();

        Assert.That(_store.State.Documents.Values.Count(document => document.RulebookNumber == 4), Is.GreaterThan(0).And.LessThan(RulebookRollover.PageSize / 10));
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
