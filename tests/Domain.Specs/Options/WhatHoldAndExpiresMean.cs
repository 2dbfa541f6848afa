using NodaTime;
using NodaTime.Text;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Specs.Naive;

namespace TaggingPipeline.Domain.Specs.Options;

/// <summary>What docs/rules.md promises of hold and expires, to the millisecond: a customer looks at a page at each instant given, and is active for an hour.</summary>
public sealed class WhatHoldAndExpiresMean
{
    private const string First = "12:00:00.000";

    [TestCase("11:59:59.999", false)]
    [TestCase("12:00:00.000", true)]
    [TestCase("14:59:59.999", true, Description = "The rule has not called for it since 13:00")]
    [TestCase("15:00:00.000", false, Description = "At exactly since + hold the rule decides again")]
    public void Held_for_at_least(string at, bool isHeld) => Expect(Active(hold: "3h"), at, isHeld, First);

    [TestCase("14:59:59.999", true)]
    [TestCase("15:00:00.000", true, Description = "The rule calls for it, so it goes on")]
    [TestCase("15:30:00.000", false, Description = "and ends as the rule says: the hold does not begin again")]
    public void Called_for_again_when_the_hold_ends(string at, bool isHeld) => Expect(Active(hold: "3h"), at, isHeld, First, "14:30:00.000");

    [TestCase("12:29:59.999", true)]
    [TestCase("12:30:00.000", false, Description = "At exactly since + expires it is gone")]
    [TestCase("12:59:59.999", false)]
    public void Ended_after(string at, bool isHeld) => Expect(Active(expires: "30m"), at, isHeld, First);

    [TestCase("13:10:00.000", false, Description = "The rule has called for it all the time")]
    [TestCase("13:50:00.000", false, Description = "and for nothing from here")]
    [TestCase("14:00:00.000", true, Description = "so that it is assigned again here")]
    [TestCase("14:30:00.000", false)]
    public void Ended_and_called_for_again(string at, bool isHeld) => Expect(Active(expires: "30m"), at, isHeld, First, "12:50:00.000", "14:00:00.000");

    [TestCase("12:30:00.000", "high", Description = "The one that the rule came to first is kept")]
    [TestCase("14:00:00.000", "nothing", Description = "until the rule decides again")]
    public void Held_as_a_tier(string at, string value) => ExpectValue(Tiers("2h"), at, value, First, "12:00:00.000", "12:10:00.000");

    [TestCase("12:00:00.000", "low")]
    [TestCase("12:10:00.000", "low", Description = "Two events would be high")]
    [TestCase("12:55:00.000", "high", Description = "It is when the hold ends")]
    public void Held_below_a_better_tier(string at, string value) => ExpectValue(Tiers("55m"), at, value, First, "12:10:00.000");

    [Test]
    public void A_hold_gives_way_to_an_earlier_tag_of_its_group_and_begins_anew_after_it()
    {
        var rulebook = TestRulebooks.Compile(
        [
            TestRulebooks.When("first", "exists(browse[name = \"Sale\"], 10m)") with { Group = TestRulebooks.Text("g") },
            TestRulebooks.When("second", "exists(browse[name = \"Home\"], 1h)") with { Group = TestRulebooks.Text("g"), Hold = TestRulebooks.Text("3h") },
        ]);
        CustomerEvent[] events = [View("a", First, "Home"), View("b", "12:30:00.000", "Sale")];

        Assert.That(HeldAt(rulebook, "12:29:59.999", events), Is.EqualTo("second"));
        Assert.That(HeldAt(rulebook, "12:30:00.000", events), Is.EqualTo("first"));
        Assert.That(HeldAt(rulebook, "12:40:00.000", events), Is.EqualTo("second"), "the rule calls for it");
        Assert.That(HeldAt(rulebook, "15:39:59.999", events), Is.EqualTo("second"), "held from 12:40");
        Assert.That(HeldAt(rulebook, "15:40:00.000", events), Is.Empty);
    }

    [Test]
    public void A_rule_that_asks_for_the_tag_sees_it_as_it_is_held()
    {
        var rulebook = TestRulebooks.Compile(
            [TestRulebooks.When("active", "exists(browse, 1h)") with { Hold = TestRulebooks.Text("3h") }, TestRulebooks.When("asks", "tag(active)")]);

        Assert.That(HeldAt(rulebook, "14:59:59.999", View("a", First)), Is.EqualTo("active asks"));
        Assert.That(HeldAt(rulebook, "15:00:00.000", View("a", First)), Is.Empty);
        Assert.That(Walk(rulebook, First, [View("a", First)]).Tags.States.Select(state => state.ChangesAt), Has.All.EqualTo(At("15:00:00.000")));
    }

    [Test]
    public void What_is_assigned_by_hand_to_a_tag_without_a_rule_expires()
    {
        var rulebook = TestRulebooks.Compile([new TagDefinition { Key = TestRulebooks.Text("vip"), Category = TestRulebooks.Text("value"), Manual = new([]), Expires = TestRulebooks.Text("1h") }]);
        var assigned = CustomerEvent.Create("h", "c", EventKind.Tag, "Tag Assigned", At(First), PropertyBag.Of(("tag", Value.Of("vip")), ("action", Value.Of("assigned")), ("value", Value.True)));

        Assert.That(HeldAt(rulebook, "12:59:59.999", assigned), Is.EqualTo("vip"));
        Assert.That(HeldAt(rulebook, "13:00:00.000", assigned), Is.Empty);
    }

    [Test]
    public void Reasons_name_the_option_that_decided()
    {
        Assert.That(ReasonAt(Active(hold: "3h"), "14:00:00.000", First), Does.StartWith("kept for at least 3h from 2026-03-01T12:00:00Z; exists(browse, 1h)"));
        Assert.That(ReasonAt(Active(expires: "30m"), "12:40:00.000", First), Does.StartWith("ended 30m after 2026-03-01T12:00:00Z; exists(browse, 1h)"));
        Assert.That(ReasonAt(Active(hold: "3h"), First, First), Does.StartWith("exists(browse, 1h)"));
    }

    [Test]
    public void The_next_change_is_the_end_of_the_hold_or_of_the_value()
    {
        Assert.That(Walk(Active(hold: "3h"), First, [View("a", First)]).ChangesAt, Is.EqualTo(At("15:00:00.000")));
        Assert.That(Walk(Active(expires: "30m"), First, [View("a", First)]).ChangesAt, Is.EqualTo(At("12:30:00.000")));
    }

    [Test]
    public void A_tag_that_loses_the_option_and_gets_it_back_begins_anew()
    {
        var (with, without) = (Active(expires: "30m"), Active());
        var held = Walk(with, First, [View("a", First)]);
        var between = Tagging.Decide(held.Facts, held.Tags, without, At("12:10:00.000"), ChangeCause.Rulebook);
        var after = Tagging.Decide(between.Facts, between.Tags, with, At("12:50:00.000"), ChangeCause.Rulebook);

        Assert.That(between.Assignments.Single().Value, Is.EqualTo(Value.Missing));
        Assert.That(after.Tags["active"], Is.EqualTo(Value.True));
    }

    private static void Expect(Rulebook rulebook, string at, bool isHeld, params string[] views) =>
        Assert.That(HeldAt(rulebook, at, [.. views.Select((view, i) => View($"e{i}", view))]), Is.EqualTo(isHeld ? "active" : ""));

    private static void ExpectValue(Rulebook rulebook, string at, string value, params string[] views) =>
        Assert.That(Walk(rulebook, at, [.. views.Select((view, i) => View($"e{i}", view))]).Tags["active"].ToString(), Is.EqualTo(value));

    private static string HeldAt(Rulebook rulebook, string at, params CustomerEvent[] events) =>
        string.Join(' ', Walk(rulebook, at, events).Tags.Held.Select(state => state.Key));

    private static string ReasonAt(Rulebook rulebook, string at, params string[] views) =>
        Tagging.Explain(Walk(rulebook, at, [.. views.Select((view, i) => View($"e{i}", view))]).Facts, rulebook, At(at)).Single().Reason.Text;

    /// <summary>Decides at every event and every next change up to an instant, as evaluation does; and as of that instant itself.</summary>
    private static Decision Walk(Rulebook rulebook, string at, CustomerEvent[] events)
    {
        var decision = Decide(CustomerFacts.Of(rulebook), TagSet.Empty, At("00:00:00.000"));
        foreach (var come in events.Where(each => each.OccurredAt <= At(at)).GroupBy(each => each.OccurredAt).OrderBy(come => come.Key))
        {
            PassTo(come.Key);
            decision = Decide(come.Aggregate(decision.Facts, (facts, each) => Tagging.Observe(facts, each, rulebook, come.Key)), decision.Tags, come.Key);
        }

        PassTo(At(at));
        return decision;

        void PassTo(Instant instant)
        {
            while (decision.ChangesAt is { } change && change <= instant)
                decision = Decide(decision.Facts, decision.Tags, change);
        }

        Decision Decide(CustomerFacts facts, TagSet tags, Instant instant) =>
            Tagging.Decide(Tagging.Settle(facts, rulebook, instant), tags, rulebook, instant, ChangeCause.Event);
    }

    private static Rulebook Active(string? hold = null, string? expires = null) =>
        TestRulebooks.Compile([TestRulebooks.When("active", "exists(browse, 1h)") with { Hold = Text(hold), Expires = Text(expires) }]);

    private static Rulebook Tiers(string hold) =>
        TestRulebooks.Compile([TestRulebooks.Tiers("active", ("high", "count(browse, 1h) >= 2"), ("low", "count(browse, 1h) >= 1")) with { Hold = Text(hold) }]);

    private static SourceText? Text(string? text) => text is null ? null : TestRulebooks.Text(text);

    private static CustomerEvent View(string id, string at, string name = "Home") => CustomerEvent.Create(id, "c", EventKind.Browse, name, At(at), PropertyBag.Empty);

    private static Instant At(string time) => InstantPattern.ExtendedIso.Parse($"2026-03-01T{time}Z").Value;
}
