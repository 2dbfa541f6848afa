using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Populations;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Specs.Naive;

namespace TaggingPipeline.Domain.Specs.Populations;

public sealed class WhenCustomersAreScored
{
    private static readonly Instant Noon = Instant.FromUtc(2026, 5, 1, 12, 0);

    [TestCase(1, 1)]
    [TestCase(1.8, 1, Description = "A cut itself is not above it")]
    [TestCase(1.81, 2)]
    [TestCase(4.2, 4)]
    [TestCase(4.3, 5)]
    [TestCase(-7, 1)]
    [TestCase(900, 5)]
    public void A_quintile_is_one_more_than_the_cuts_below(decimal age, int quintile) => Expect("quintile(trait.age)", age, quintile);

    [TestCase(2.7, 1)]
    [TestCase(2.8, 2, Description = "A cut and the margin are reached")]
    [TestCase(5.2, 5)]
    public void A_margin_lifts_the_cuts(decimal age, int quintile) => Expect("quintile(trait.age, 1)", age, quintile);

    [TestCase(0, 0)]
    [TestCase(3, 49)]
    [TestCase(3.01, 50)]
    [TestCase(6, 99)]
    public void A_percentile_is_how_many_of_ninety_nine_lie_below(decimal age, int percentile) => Expect("percentile(trait.age)", age, percentile);

    [Test]
    public void Without_a_number_there_is_no_score() => Expect("coalesce(quintile(trait.height), -1)", 5, -1);

    [Test]
    public void Without_a_snapshot_there_is_no_score()
    {
        var rulebook = Compile("quintile(trait.age)");
        Assert.That(Decide(rulebook, 3, TagSet.Empty).Tags["t"].IsMissing);
        Assert.That(Decide(rulebook.With(new(1, Noon, [])), 3, TagSet.Empty).Tags["t"].IsMissing, "the snapshot does not cover it");
        Assert.That(Decide(rulebook.With(new(1, Noon, [PopulationFigures.Of("trait.age", [])])), 3, TagSet.Empty).Tags["t"].IsMissing, "nobody has an age");
    }

    [Test]
    public void An_average_that_everybody_has_is_above_no_cut()
    {
        var third = PopulationFigures.Of("trait.age / 3", [Math.Round(10 / 3m, 10)]);
        Assert.That(Decide(Compile("quintile(trait.age / 3)").With(new(1, Noon, [third])), 10, TagSet.Empty).Tags["t"], Is.EqualTo(Value.Of(1m)));
    }

    [TestCase("quintile(days_between(\"2026-04-29\", now))", 2, "2026-05-02T00:00:00Z")]
    [TestCase("quintile(days_between(\"2026-05-01\", now) / 100)", 1, "2026-10-29T00:00:00Z", Description = "181 days are above 1.8 hundreds")]
    [TestCase("quintile(-days_between(\"2026-04-28\", now) + 7)", 4, "2026-05-02T00:00:00Z")]
    [TestCase("quintile(days_between(\"2020-01-01\", now))", 5, null)]
    [TestCase("quintile(days_between(\"2026-01-01\", now), 999999999999)", 1, null)]
    [TestCase("quintile(days_between(\"2026-01-01\", now) / 100000000000)", 1, null)]
    [TestCase("percentile(days_between(\"2020-01-01\", now) * 100000000)", 99, null)]
    public void A_number_that_the_clock_moves_changes_its_score_when_it_reaches_the_next_cut(string expression, int score, string? changesAt)
    {
        var rulebook = TestRulebooks.Compile([TestRulebooks.Value("t", expression)], "UTC");
        var scored = rulebook.With(new(1, Noon, [PopulationFigures.Of(rulebook.PopulationArguments[0], [1, 2, 3, 4, 5])]));
        var decided = Decide(scored, 3, TagSet.Empty);
        Assert.That((decided.Tags["t"], decided.ChangesAt?.ToString()), Is.EqualTo((Value.Of((decimal)score), changesAt)));
    }

    [Test]
    public void The_reason_shows_the_score_and_what_is_beneath_it()
    {
        var outcome = Tagging.Explain(FactsOf(Scored("quintile(trait.age)"), 4), Scored("quintile(trait.age)"), Noon).Single();
        Assert.That(outcome.Reason.Text, Is.EqualTo("quintile(trait.age): found 4; trait.age: found 4"));
    }

    [Test]
    public void What_was_decided_names_the_snapshot()
    {
        var rulebook = Compile("quintile(trait.age)");
        Assert.That(Decide(rulebook, 3, TagSet.Empty).Tags.Rulebook, Is.EqualTo(rulebook.Version));
        var decision = Decide(rulebook.With(Snapshot(42)), 3, TagSet.Empty);
        Assert.That(decision.Tags.Rulebook, Is.EqualTo($"{rulebook.Version}/p42"));
        Assert.That(decision.Changes.Single().Rulebook, Is.EqualTo($"{rulebook.Version}/p42"));
    }

    [Test]
    public void A_rulebook_that_scores_nothing_takes_no_notice_of_snapshots()
    {
        var rulebook = Compile("trait.age");
        Assert.That(rulebook.With(Snapshot(1)), Is.SameAs(rulebook));
    }

    [Test]
    public void Another_snapshot_changes_scores_because_of_time_and_leaves_other_tags()
    {
        var rulebook = TestRulebooks.Compile([TestRulebooks.Value("score", "quintile(trait.age)"), TestRulebooks.Value("age", "trait.age")]);
        var facts = FactsOf(rulebook, 3);
        var first = Tagging.Decide(facts, TagSet.Empty, rulebook.With(Snapshot(1)), Noon, ChangeCause.Event);

        var later = Noon + Duration.FromHours(1);
        foreach (var cause in new[] { ChangeCause.Event, ChangeCause.Time, ChangeCause.Rulebook })
        {
            var second = Tagging.Decide(facts, first.Tags, rulebook.With(new(2, later, [PopulationFigures.Of("trait.age", [1, 2])])), later, cause);
            Assert.That(second.Changes.Select(change => (change.Key, change.Sequence, change.KeySequence, change.Previous, change.Value, change.Cause)), Is.EqualTo(
                [("score", 3, 2, Value.Of(3m), Value.Of(5m), ChangeCause.Time)]));
            Assert.That(second.Tags.Rulebook, Is.EqualTo($"{rulebook.Version}/p2"));
        }
    }

    [Test]
    public void Tags_of_scores_change_with_them()
    {
        var rulebook = TestRulebooks.Compile(
            [TestRulebooks.When("best", "segment(top)"), TestRulebooks.Value("score", "quintile(trait.age)")], segments: [TestRulebooks.Segment("top", "tag(score) = 5")]);
        var facts = FactsOf(rulebook, 3);
        var first = Tagging.Decide(facts, TagSet.Empty, rulebook.With(Snapshot(1)), Noon, ChangeCause.Event);
        Assert.That(first.Tags["best"].IsMissing);

        var second = Tagging.Decide(facts, first.Tags, rulebook.With(new(2, Noon, [PopulationFigures.Of("trait.age", [1, 2])])), Noon, ChangeCause.Event);
        Assert.That(second.Changes.Select(change => (change.Key, change.Cause)), Is.EqualTo([("best", ChangeCause.Time), ("score", ChangeCause.Time)]));
    }

    [Test]
    public void Another_snapshot_without_another_score_changes_nothing_but_what_decided()
    {
        var rulebook = Compile("quintile(trait.age)");
        var first = Decide(rulebook.With(Snapshot(1)), 3, TagSet.Empty);
        var second = Decide(rulebook.With(Snapshot(2)), 3, first.Tags);
        Assert.That((second.Changes.Length, second.Tags.Sequence, second.Tags.Rulebook), Is.EqualTo((0, 1, $"{rulebook.Version}/p2")));
    }

    [Test]
    public void Another_rulebook_changes_tags_because_of_the_rulebook()
    {
        var first = Decide(Scored("quintile(trait.age)"), 3, TagSet.Empty);
        Assert.That(Decide(Scored("quintile(trait.age, 1)"), 3, first.Tags).Changes.Single().Cause, Is.EqualTo(ChangeCause.Rulebook));
    }

    [Test]
    public void A_rulebook_knows_what_it_decided_itself()
    {
        var rulebook = Scored("quintile(trait.age)");
        Assert.That(new[] { rulebook.Version, $"{rulebook.Version}/p1", $"{rulebook.Version}/p42" }.All(rulebook.Decided));
        Assert.That(new[] { "", "test", $"{rulebook.Version}0", $"{rulebook.Version}/x", $"{rulebook.Version}/p1@0123" }.Any(rulebook.Decided), Is.False);
    }

    [TestCase("quintile(quintile(trait.age))", "`quintile` cannot stand within")]
    [TestCase("quintile(percentile(trait.age))", "`percentile` cannot stand within")]
    [TestCase("quintile()", "expected `quintile(number, 1)`")]
    [TestCase("percentile(trait.age, 1)", "expected `percentile(number)`")]
    [TestCase("quintile(trait.age, trait.age)", "expected how much larger than a cut")]
    [TestCase("quintile(last(purchase))", "is an instant; expected a number")]
    [TestCase("quintile(since(last(purchase)))", "is a duration; expected a number")]
    [TestCase("quintile(coalesce(now, 1))", "changes all the time")]
    [TestCase("quintile(1 if tag(t))", "a tag cannot stand within")]
    [TestCase("quintile(1 if segment(t))", "a segment cannot stand within")]
    [TestCase("count(purchase[quintile(total) = 1])", "`quintile` cannot stand in a filter")]
    public void What_cannot_be_scored_is_refused(string expression, string message) =>
        Assert.That(Rulebook.Compile(TestRulebooks.Define([TestRulebooks.Value("t", expression)])).Errors.Select(error => error.Message), Has.Some.Contains(message));

    [Test]
    public void A_segment_cannot_score() => Assert.That(
        Rulebook.Compile(TestRulebooks.Define([], segments: [TestRulebooks.Segment("s", "quintile(trait.age) = 5")])).Errors.Single().Message,
        Does.Contain("`quintile` cannot stand in a segment"));

    private static void Expect(string expression, decimal age, int score) =>
        Assert.That(Decide(Scored(expression), age, TagSet.Empty).Tags["t"], Is.EqualTo(Value.Of((decimal)score)));

    private static Decision Decide(Rulebook rulebook, decimal age, TagSet held) => Tagging.Decide(FactsOf(rulebook, age), held, rulebook, Noon, ChangeCause.Event);

    private static CustomerFacts FactsOf(Rulebook rulebook, decimal age) => Tagging.Settle(
        Tagging.Observe(CustomerFacts.Of(rulebook), CustomerEvent.Create("e", "c", EventKind.Profile, "identify", Noon, PropertyBag.Of(("age", Value.Of(age)))), rulebook, Noon),
        rulebook, Noon);

    private static Rulebook Compile(string expression) => TestRulebooks.Compile([TestRulebooks.Value("t", expression)]);

    private static Rulebook Scored(string expression) => Compile(expression).With(Snapshot(1));

    /// <summary>Five customers, aged 1 to 5: the cuts are 1.8, 2.6, 3.4 and 4.2.</summary>
    private static PopulationSnapshot Snapshot(long number) => new(number, Noon, [PopulationFigures.Of("trait.age", [1, 2, 3, 4, 5])]);
}
