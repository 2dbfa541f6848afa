using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Specs.Naive;

namespace TaggingPipeline.Domain.Specs.Options;

public sealed class WhenTagsAreSetByHand
{
    private static readonly Instant Start = Instant.FromUtc(2026, 3, 1, 0, 0);

    private static readonly Rulebook Shop = TestRulebooks.Compile(
    [
        TestRulebooks.When("buyer", "count(purchase) >= 1"),
        TestRulebooks.Tiers("tier", ("high", "sum(purchase.total) >= 100"), ("low", "count(purchase) >= 1")),
        TestRulebooks.Value("events", "count(event)"),
        Manual("vip"),
        Manual("status", "gold", "silver"),
        TestRulebooks.When("a", "count(purchase) >= 1") with { Group = TestRulebooks.Text("g") },
        TestRulebooks.When("b", "count(browse) >= 1") with { Group = TestRulebooks.Text("g") },
        Manual("c") with { Group = TestRulebooks.Text("g") },
        Manual("off") with { Enabled = TestRulebooks.Text("false") },
    ]);

    private static readonly CustomerEvent Purchase =
        CustomerEvent.Create("p", "c", EventKind.Purchase, "Order Completed", Start, PropertyBag.Of(("total", Value.Of(30m))));

    [Test]
    public void An_assigned_tag_is_held_whatever_the_rule_says() =>
        Assert.That(Held(Hand("h", 1, "buyer", "assigned", Value.True), Hand("i", 1, "tier", "assigned", Value.Of("high"))), Is.EqualTo("buyer tier=high events=0"));

    [Test]
    public void A_removed_tag_is_not_held_whatever_the_rule_says() =>
        Assert.That(Held(Purchase, Hand("h", 1, "buyer", "removed"), Hand("i", 1, "a", "removed")), Is.EqualTo("tier=low events=1"));

    [Test]
    public void A_released_tag_is_the_rules_again() =>
        Assert.That(Held(Purchase, Hand("h", 1, "tier", "assigned", Value.Of("high")), Hand("i", 2, "tier", "released")), Is.EqualTo("buyer tier=low events=1 a"));

    [Test]
    public void A_tag_without_a_rule_has_what_was_last_assigned() =>
        Assert.That(Held(Hand("h", 2, "status", "assigned", Value.Of("gold")), Hand("i", 1, "status", "assigned", Value.Of("silver")), Hand("j", 1, "vip", "assigned", Value.True)),
            Is.EqualTo("events=0 vip status=gold"));

    [Test]
    public void Of_two_at_one_instant_the_larger_event_id_counts() =>
        Assert.That(Held(Hand("z", 1, "status", "assigned", Value.Of("gold")), Hand("y", 1, "status", "removed")), Is.EqualTo("events=0 status=gold"));

    [TestCase("unknown", "assigned", true)]
    [TestCase("status", "assigned", "bronze")]
    [TestCase("vip", "assigned", "yes")]
    [TestCase("vip", "praised", true)]
    [TestCase("tier", "assigned", true)]
    [TestCase("off", "assigned", true)]
    public void What_the_rulebook_does_not_know_changes_nothing(string tag, string action, object value) =>
        Assert.That(Held(Hand("h", 1, tag, action, value is string text ? Value.Of(text) : Value.True)), Is.EqualTo("events=0"));

    [Test]
    public void What_another_rulebook_did_not_know_counts_when_one_comes_that_does()
    {
        var narrow = TestRulebooks.Compile([TestRulebooks.When("buyer", "count(purchase) >= 1")]);
        var wide = TestRulebooks.Compile([TestRulebooks.When("buyer", "count(purchase) >= 1"), Manual("vip")]);
        var facts = Tagging.Observe(CustomerFacts.Of(narrow), Hand("h", 1, "vip", "assigned", Value.True), narrow, At(2));

        var held = Tagging.Decide(CustomerFacts.Decode(facts.Encode(), wide)!, TagSet.Empty, wide, At(2), ChangeCause.Rulebook).Tags;

        Assert.That(held["vip"], Is.EqualTo(Value.True));
    }

    [TestCase("c", "b")]
    [TestCase("b", "c")]
    public void In_a_group_the_one_last_assigned_is_held_and_no_other(string first, string last) =>
        Assert.That(Held(Purchase, Hand("h", 1, first, "assigned", Value.True), Hand("i", 2, last, "assigned", Value.True)), Is.EqualTo($"buyer tier=low events=1 {last}"));

    [Test]
    public void It_is_no_event_to_rules_nor_to_first_and_last_seen()
    {
        var facts = Tagging.Observe(CustomerFacts.Of(Shop), Hand("h", 1, "vip", "assigned", Value.True), Shop, At(2));

        Assert.That((facts.FirstSeen, facts.LastSeen), Is.EqualTo(((Instant?)null, (Instant?)null)));
    }

    [Test]
    public void The_reason_says_who_and_why_and_names_the_event()
    {
        var facts = Tagging.Observe(CustomerFacts.Of(Shop), Hand("h-7", 1, "vip", "assigned", Value.True), Shop, At(2));

        var reason = Tagging.Explain(facts, Shop, At(2)).Single(outcome => outcome.Key == "vip").Reason;

        Assert.That(reason.Text, Is.EqualTo("assigned by hand by anna: VIP at the fair"));
        Assert.That(reason.Events, Is.EqualTo(new[] { "h-7" }));
    }

    [Test]
    public void One_whose_time_is_to_come_counts_from_then_on()
    {
        var facts = Tagging.Observe(CustomerFacts.Of(Shop), Hand("h", 3, "vip", "assigned", Value.True), Shop, At(2));
        var before = Tagging.Decide(facts, TagSet.Empty, Shop, At(2), ChangeCause.Event);
        var after = Tagging.Decide(Tagging.Settle(facts, Shop, At(3)), before.Tags, Shop, At(3), ChangeCause.Time);

        Assert.That((before.Tags["vip"], before.ChangesAt), Is.EqualTo((Value.Missing, (Instant?)At(3))));
        Assert.That(after.Tags["vip"], Is.EqualTo(Value.True));
    }

    [Test]
    public void Promise_3_any_order_gives_the_same_facts_and_tags()
    {
        const int Seed = 7_000_000;
        TestContext.Out.WriteLine($"seeds {Seed} to {Seed + 199}");
        for (var seed = Seed; seed < Seed + 200; seed++)
        {
            var random = new Random(seed);
            var events = Enumerable.Range(0, 12).Select(i => RandomHand(random, $"h{random.Next(100)}-{i}")).Append(Purchase).ToArray();
            var (expectedFacts, expectedTags) = Come(events);
            random.Shuffle(events);
            var (facts, tags) = Come(events);

            Assert.That(facts.Encode(), Is.EqualTo(expectedFacts.Encode()), $"seed {seed}");
            Assert.That(tags.States.Select(state => (state.Value, state.ChangesAt)), Is.EqualTo(expectedTags.States.Select(state => (state.Value, state.ChangesAt))), $"seed {seed}");
            Assert.That(CustomerFacts.Decode(facts.Encode(), Shop)!.Encode(), Is.EqualTo(facts.Encode()), $"seed {seed}");
        }
    }

    private static CustomerEvent RandomHand(Random random, string id)
    {
        var tag = new[] { "buyer", "tier", "vip", "status", "a", "b", "c", "unknown" }[random.Next(8)];
        var value = tag switch { "tier" => Value.Of("low"), "status" => Value.Of(random.Next(2) == 0 ? "gold" : "bronze"), _ => Value.True };
        return Hand(id, random.Next(1, 6), tag, new[] { "assigned", "removed", "released" }[random.Next(3)], value);
    }

    private static string Held(params CustomerEvent[] events) =>
        string.Join(' ', Come(events).Tags.Held.Select(state => state.Value == Value.True ? state.Key : $"{state.Key}={state.Value}"));

    /// <summary>As evaluation goes: one after the other, each decided before the next comes.</summary>
    private static (CustomerFacts Facts, TagSet Tags) Come(CustomerEvent[] events)
    {
        var (facts, tags) = (CustomerFacts.Of(Shop), TagSet.Empty);
        foreach (var each in events)
        {
            facts = Tagging.Settle(Tagging.Observe(facts, each, Shop, At(10)), Shop, At(10));
            tags = Tagging.Decide(facts, tags, Shop, At(10), ChangeCause.Event).Tags;
        }

        return (facts, tags);
    }

    private static CustomerEvent Hand(string id, int day, string tag, string action, Value value = default) => CustomerEvent.Create(
        id, "c", EventKind.Tag, "Tag Assigned", At(day), PropertyBag.Of(
            ("tag", Value.Of(tag)), ("action", Value.Of(action)), ("value", action == "assigned" ? value : Value.Missing), ("by", Value.Of("anna")), ("reason", Value.Of("VIP at the fair"))));

    private static TagDefinition Manual(string key, params string[] values) =>
        new() { Key = TestRulebooks.Text(key), Category = TestRulebooks.Text("value"), Manual = new([.. values.Select(TestRulebooks.Text)]) };

    private static Instant At(int day) => Start + Duration.FromDays(day);
}
