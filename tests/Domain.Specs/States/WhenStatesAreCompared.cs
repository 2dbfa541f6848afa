using NodaTime;
using NUnit.Framework;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Specs.Naive;

namespace TaggingPipeline.Domain.Specs.States;

/// <summary>Promise 4: one number says whether customers are the same.</summary>
[TestFixture]
public sealed class WhenStatesAreCompared
{
    private static int Cases => Environment.GetEnvironmentVariable("TAGGING_LONG") == "1" ? 10_000 : 600;

    [Test]
    public void Promise_4_whoever_was_settled_and_decided_on_the_way_has_the_digest_of_whoever_was_not()
    {
        ForEachCase(14_000_000, (random, rulebook, events) =>
        {
            var end = RandomCustomers.Start + Duration.FromHours(random.Next(RandomCustomers.Hours * 2));
            var replayed = CustomerState.Called(Observe(rulebook, events, end), TagSet.Empty, rulebook, end, ChangeCause.Replay);
            for (var round = 0; round < 2; round++)
            {
                var (facts, held) = LiveOf(random, rulebook, events, end);
                var live = CustomerState.Kept(facts, held, rulebook, end);
                Assert.That(live.FactBytes.ToArray(), Is.EqualTo(replayed.FactBytes.ToArray()), "facts");
                Assert.That(live.Tags, Is.EqualTo(replayed.Tags), "tags");
                Assert.That(Tagging.Explain(live.Facts, rulebook, end), Is.EqualTo(Tagging.Explain(replayed.Facts, rulebook, end)), "reasons");
                Assert.That(live.NextChange, Is.EqualTo(replayed.NextChange), "next change");
                Assert.That(live.DigestOf("c"), Is.EqualTo(replayed.DigestOf("c")), "digests");
                Assert.That(live.Agrees(replayed));
            }
        });
    }

    [Test]
    public void Promise_4_settling_at_one_instant_and_then_a_later_one_is_settling_at_the_later()
    {
        ForEachCase(15_000_000, (random, rulebook, events) =>
        {
            Instant[] instants = [.. Enumerable.Range(0, 4).Select(_ => RandomCustomers.Start + Duration.FromHours(random.Next(RandomCustomers.Hours * 2))).Order()];
            var facts = Observe(rulebook, events, instants[0]);
            var stepwise = instants.Aggregate(facts, (known, at) => Tagging.Settle(known, rulebook, at));
            Assert.That(stepwise.Encode(), Is.EqualTo(Tagging.Settle(facts, rulebook, instants[^1]).Encode()));
        });
    }

    [Test]
    public void An_event_less_or_an_instant_later_is_another_state()
    {
        var (events, found) = (0, 0);
        ForEachCase(16_000_000, (random, rulebook, all) =>
        {
            var end = RandomCustomers.Start + Duration.FromHours(RandomCustomers.Hours);
            var whole = CustomerState.Called(Observe(rulebook, all, end), TagSet.Empty, rulebook, end, ChangeCause.Replay);
            var without = all.Where((_, i) => i != 0).ToArray();
            var lacking = CustomerState.Called(Observe(rulebook, without, end), TagSet.Empty, rulebook, end, ChangeCause.Replay);
            events++;
            found += whole.DigestOf("c") == lacking.DigestOf("c") ? 0 : 1;
            Assert.That(whole.DigestOf("c") == lacking.DigestOf("c"), Is.EqualTo(whole.Agrees(lacking)), "digests differ where states do");
            Assert.That(whole.DigestOf("c"), Is.Not.EqualTo(whole.DigestOf("d")), "whose it is");
        });
        Assert.That(found, Is.GreaterThan(events / 2), "most events matter to some rule");
    }

    [Test]
    public void A_value_that_no_rule_calls_for_shows_until_it_is_to_be_looked_at_again()
    {
        var rulebook = TestRulebooks.Compile([TestRulebooks.When("new", "count(purchase, 10d) >= 1"), TestRulebooks.When("any", "count(event) >= 1")]);
        var at = RandomCustomers.Start;
        var facts = Observe(rulebook, [Purchase("a", at)], at);
        var tags = Tagging.Decide(facts, TagSet.Empty, rulebook, at, ChangeCause.Event).Tags;
        var wrong = new TagSet(tags.Rulebook, tags.Sequence, tags.States.Select(state => new TagState(state.Key, state.Category, Value.Missing, state.Since, state.KeySequence, state.ChangesAt)));

        var (right, kept) = (CustomerState.Kept(facts, tags, rulebook, at), CustomerState.Kept(facts, wrong, rulebook, at));
        Assert.That(kept.DigestOf("c"), Is.Not.EqualTo(right.DigestOf("c")));
        Assert.That(kept.Agrees(right), Is.False);
        Assert.That(kept.Tags.Select(tag => tag.Value.IsMissing), Is.All.True);

        var later = at + Duration.FromDays(11);
        Assert.That(CustomerState.Kept(facts, tags, rulebook, later).Tags.Select(tag => (tag.Key, tag.Value)), Is.EqualTo(new[] { ("new", Value.Missing), ("any", Value.True) }), "whoever slept is taken as woken");
        Assert.That(CustomerState.Kept(facts, wrong, rulebook, later).Tags.Select(tag => tag.Value.IsMissing), Is.All.True, "`any` was never to be looked at again");
    }

    [Test]
    public void Digests_add_up_in_any_order_and_ranges_to_the_whole()
    {
        var random = new Random(17);
        var digests = Enumerable.Range(0, 100).Select(_ => new StateDigest(new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()) << 1, 1)).ToArray();
        var sum = digests.Aggregate((left, right) => left + right);
        random.Shuffle(digests);

        Assert.That(digests.Aggregate((left, right) => left + right), Is.EqualTo(sum));
        Assert.That(digests.Take(40).Aggregate((left, right) => left + right) + digests.Skip(40).Aggregate((left, right) => left + right), Is.EqualTo(sum));
        Assert.That(sum - digests[0] + digests[0], Is.EqualTo(sum));
        Assert.That(StateDigest.TryParse(sum.ToString(), 100, out var read) ? read : default, Is.EqualTo(sum));
        Assert.That(StateDigest.TryParse("12", 1, out _) || StateDigest.TryParse(new string('g', 32), 1, out _), Is.False);
    }

    private static (CustomerFacts Facts, TagSet Held) LiveOf(Random random, Rulebook rulebook, CustomerEvent[] events, Instant end)
    {
        var shuffled = events.ToArray();
        random.Shuffle(shuffled);
        var (facts, held, at) = (CustomerFacts.Of(rulebook), TagSet.Empty, RandomCustomers.Start);
        foreach (var batch in shuffled.Chunk(1 + random.Next(8)))
        {
            at += Duration.FromMilliseconds((end - at).TotalMilliseconds * random.NextDouble() * 0.7);
            facts = batch.Aggregate(facts, (known, observed) => Tagging.Observe(known, observed, rulebook, at));
            facts = Tagging.Settle(facts, rulebook, at);
            held = Tagging.Decide(facts, held, rulebook, at, ChangeCause.Event).Tags;
            if (random.Next(2) == 0)
                (facts, held) = (CustomerFacts.Decode(facts.Encode(), rulebook)!, new(held.Rulebook, held.Sequence, held.States));
        }

        return (facts, held);
    }

    private static CustomerFacts Observe(Rulebook rulebook, IEnumerable<CustomerEvent> events, Instant asOf) =>
        events.Aggregate(CustomerFacts.Of(rulebook), (facts, observed) => Tagging.Observe(facts, observed, rulebook, asOf));

    private static CustomerEvent Purchase(string id, Instant at) => CustomerEvent.Create(id, "c", EventKind.Purchase, "Order Completed", at, PropertyBag.Empty);

    private static void ForEachCase(int firstSeed, Action<Random, Rulebook, CustomerEvent[]> check)
    {
        TestContext.Out.WriteLine($"seeds {firstSeed} to {firstSeed + Cases - 1}");
        // One seed alone, to look at what a run has found: TAGGING_SEED=14000283.
        var only = int.TryParse(Environment.GetEnvironmentVariable("TAGGING_SEED"), out var given) ? given : (int?)null;
        for (var seed = firstSeed; seed < firstSeed + Cases; seed++)
        {
            if (only is { } one && one != seed)
                continue;
            var random = new Random(seed);
            var tags = Enumerable.Range(0, 8).Select(i => i % 3 == 2 ? TestRulebooks.Value($"v{i}", RandomRules.Value(random)) : TestRulebooks.When($"w{i}", RandomRules.Condition(random)));
            var rulebook = TestRulebooks.Compile(tags, random.Next(2) == 0 ? "Europe/London" : "Asia/Shanghai");
            Assert.That(() => check(random, rulebook, RandomCustomers.Events(random, 1 + random.Next(30))), Throws.Nothing, $"seed {seed}");
        }
    }
}
