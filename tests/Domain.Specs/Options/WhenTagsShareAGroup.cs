using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Specs.Naive;

namespace TaggingPipeline.Domain.Specs.Options;

public sealed class WhenTagsShareAGroup
{
    private static readonly Instant Start = Instant.FromUtc(2026, 3, 1, 0, 0);

    private static readonly Rulebook Levels = TestRulebooks.Compile(
    [
        TestRulebooks.When("gold", "sum(purchase.total, 10d) >= 100") with { Group = TestRulebooks.Text("level") },
        TestRulebooks.When("elsewhere", "count(purchase) >= 1"),
        TestRulebooks.When("silver", "count(purchase, 20d) >= 1") with { Group = TestRulebooks.Text("level") },
        TestRulebooks.When("bronze", "count(browse) >= 1 or count(purchase) >= 1") with { Group = TestRulebooks.Text("level") },
    ]);

    private static readonly CustomerEvent[] Events = [Event("a", EventKind.Browse, 0, 0), Event("b", EventKind.Purchase, 1, 30), Event("c", EventKind.Purchase, 2, 80)];

    [TestCase(0, "bronze", 21)]
    [TestCase(1, "elsewhere silver", 21)]
    [TestCase(2, "gold elsewhere", 11)]
    [TestCase(11, "elsewhere silver", 22)]
    [TestCase(22, "elsewhere bronze", null)]
    public void The_first_in_the_rulebook_that_is_called_for_is_held_and_the_others_are_not(int day, string held, int? nextDay)
    {
        var asOf = At(day);
        var known = Events.Where(each => each.OccurredAt <= asOf).Aggregate(CustomerFacts.Of(Levels), (facts, each) => Tagging.Observe(facts, each, Levels, asOf));
        var decision = Tagging.Decide(Tagging.Settle(known, Levels, asOf), TagSet.Empty, Levels, asOf, ChangeCause.Event);

        Assert.That(string.Join(' ', decision.Tags.Held.Select(state => state.Key)), Is.EqualTo(held));
        if (day >= 2)
            Assert.That(decision.ChangesAt, Is.EqualTo(nextDay is { } next ? At(next) : (Instant?)null));
    }

    [Test]
    public void A_tag_is_looked_at_again_when_one_before_it_changes_though_its_own_events_do_not()
    {
        var (facts, tags) = (CustomerFacts.Of(Levels), TagSet.Empty);
        foreach (var each in Events)
        {
            facts = Tagging.Settle(Tagging.Observe(facts, each, Levels, each.OccurredAt), Levels, each.OccurredAt);
            tags = Tagging.Decide(facts, tags, Levels, each.OccurredAt, ChangeCause.Event).Tags;
        }

        Assert.That(tags.Held.Select(state => state.Key), Is.EqualTo(new[] { "gold", "elsewhere" }));
    }

    [Test]
    public void The_reason_names_the_tag_that_comes_first()
    {
        var asOf = At(2);
        var known = Events.Aggregate(CustomerFacts.Of(Levels), (facts, each) => Tagging.Observe(facts, each, Levels, asOf));

        var outcomes = Tagging.Explain(Tagging.Settle(known, Levels, asOf), Levels, asOf);

        Assert.That(outcomes[2].Reason.Text, Is.EqualTo("`gold` comes first in the group level"));
        Assert.That(outcomes[2].Value, Is.EqualTo(Value.Missing));
    }

    [Test]
    public void A_disabled_tag_of_it_is_not_held_and_leaves_its_place_to_the_next()
    {
        var rulebook = TestRulebooks.Compile(
        [
            TestRulebooks.When("gold", "true") with { Group = TestRulebooks.Text("level"), Enabled = TestRulebooks.Text("false") },
            TestRulebooks.When("silver", "true") with { Group = TestRulebooks.Text("level") },
        ]);

        var outcomes = Tagging.Explain(CustomerFacts.Of(rulebook), rulebook, Start);

        Assert.That(outcomes.Select(outcome => outcome.Value), Is.EqualTo(new[] { Value.Missing, Value.True }));
        Assert.That(outcomes[0].Reason.Text, Is.EqualTo("disabled in the rulebook"));
    }

    private static CustomerEvent Event(string id, EventKind kind, int day, decimal total) =>
        CustomerEvent.Create(id, "c", kind, kind == EventKind.Purchase ? "Order Completed" : "Home", At(day), PropertyBag.Of(("total", Value.Of(total))));

    private static Instant At(int day) => Start + Duration.FromDays(day);
}
