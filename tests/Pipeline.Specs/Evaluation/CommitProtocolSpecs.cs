using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

/// <summary>
/// Promises 1, 2 and 3, over every order in which two evaluators and a rebuild can do their work on one customer, with a crash before any step (two in the long
/// form; one less where deliveries overlap, as there are more steps).
/// </summary>
[TestFixture]
public sealed class When_two_evaluators_and_a_rebuild_meet_at_one_customer
{
    private static readonly int Crashes = Environment.GetEnvironmentVariable("TAGGING_LONG") == "1" ? 2 : 1;
    private static readonly IReadOnlyList<ShopEvent>[] WithADuplicate = Deliveries("a", "a", "b");
    private static readonly IReadOnlyList<ShopEvent>[] Overlapping = Deliveries("ab", "bc", "ac");

    [Test]
    public void Nothing_acknowledged_is_lost_and_every_event_counts_once_in_any_order([Values] Acknowledge acknowledge)
    {
        var explored = Explore(WithADuplicate, new(SmallShop.Rulebook) { Acknowledge = acknowledge });

        Assert.That(explored.Broken, Is.Null, explored.ToString);
        Assert.That(explored.Ends, Is.Positive);
    }

    [Test]
    public void So_it_is_when_deliveries_share_some_of_their_events()
    {
        var explored = Explore(Overlapping, new(SmallShop.Rulebook), crashes: Crashes - 1);

        Assert.That(explored.Broken, Is.Null, explored.ToString);
        Assert.That(explored.Ends, Is.Positive);
    }

    [Test]
    public void So_it_is_when_their_clocks_differ()
    {
        var explored = Explore(WithADuplicate, new(SmallShop.Rulebook), clockOf: number => SmallShop.Noon - Duration.FromMinutes(40 * number));

        Assert.That(explored.Broken, Is.Null, explored.ToString);
        Assert.That(explored.Ends, Is.Positive);
    }

    [Test]
    public void Reading_the_journal_before_the_document_is_found_to_break_it() =>
        Assert.That(Broken(BrokenStores.JournalReadFirst), Does.StartWith("the facts of anna"));

    [Test]
    public void Dropping_applied_ids_too_early_is_found_to_break_it() =>
        Assert.That(Broken(BrokenStores.AppliedDroppedEarly), Does.StartWith("the facts of anna"));

    [Test]
    public void Journaling_before_the_document_is_saved_is_found_to_break_it() =>
        Assert.That(Broken(BrokenStores.JournalAppendedFirst), Does.StartWith("the facts of anna"));

    [Test]
    public void A_rebuild_that_ignores_applied_ids_is_found_to_break_it() =>
        Assert.That(Broken(BrokenStores.RebuildIgnoresApplied), Does.StartWith("the facts of anna"));

    private static string? Broken(Func<string, IChoicePoints, Ports> portsOf) =>
        Explore(WithADuplicate, new(SmallShop.Rulebook, portsOf)).Broken;

    private static Explored Explore(IReadOnlyList<ShopEvent>[] deliveries, Work work, Func<int, Instant>? clockOf = null, int? crashes = null)
    {
        var actors = work.Deliveries(deliveries, clockOf ?? (_ => SmallShop.Noon)).Append(work.Rebuild("anna", SmallShop.Noon)).ToList();
        var explored = new Exploration.Exploration(actors, new Promises(deliveries, SmallShop.Rulebook)) { Crashes = crashes ?? Crashes }.Run();
        TestContext.Out.WriteLine(explored);
        return explored;
    }

    /// <summary>One delivery for each text, with one event of anna's for each letter; a letter that comes again is the same event.</summary>
    private static IReadOnlyList<ShopEvent>[] Deliveries(params string[] letters) =>
        [.. letters.Select(ids => (IReadOnlyList<ShopEvent>)[.. ids.Select(id =>
            SmallShop.Purchase(id.ToString(), "anna", 1 << (id - 'a'), SmallShop.Noon - Duration.FromMinutes(50 - (10 * (id - 'a')))))])];
}
