using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Specs.Naive;

namespace TaggingPipeline.Domain.Specs.Options;

public sealed class WhenOptionsAreRandom
{
    private const int Cases = 400;
    private const int End = 160;

    private static readonly Instant Start = Instant.FromUtc(2026, 3, 1, 0, 0);

    [Test]
    public void Tags_are_those_of_the_naive_model_at_every_millisecond_though_only_events_and_next_changes_are_decided()
    {
        var (decisions, inVain) = (0, 0);
        ForEachCase(8_000_000, (random, tags, rulebook, events) =>
        {
            var naive = new NaiveOptions(tags, events, Start);
            var customer = new Customer(rulebook);
            for (var now = 0; now < End; now++)
            {
                var at = Start + Duration.FromMilliseconds(now);
                var come = events.Where(each => each.OccurredAt == at).ToArray();
                if (come.Length > 0 || customer.ChangesAt <= at || now == 0)
                {
                    Assert.That(customer.ChangesAt is null || customer.ChangesAt >= at, "nothing was slept through");
                    var isInVain = !customer.Decide(come, at) && come.Length == 0 && now > 0;
                    (decisions, inVain) = (decisions + 1, inVain + (isInVain ? 1 : 0));
                    if (random.Next(4) == 0)
                        customer.Reload();
                }

                var expected = naive.At(now);
                Assert.That(rulebook.Tags.Select(tag => (tag.Key, customer.Tags[tag.Key])), Is.EqualTo(rulebook.Tags.Select(tag => (tag.Key, expected[tag.Key]))), $"at {now}");
            }
        });
        TestContext.Out.WriteLine($"{decisions} decisions, {inVain} of them in vain");
        Assert.That(inVain, Is.LessThan(decisions / 50));
    }

    [Test]
    public void Promise_4_the_journal_gives_the_same_facts_byte_for_byte_and_the_same_tags_in_any_order()
    {
        ForEachCase(9_000_000, (random, _, rulebook, events) =>
        {
            var customer = new Customer(rulebook);
            var at = Start;
            var shuffled = events.ToArray();
            random.Shuffle(shuffled);
            foreach (var batch in shuffled.Chunk(1 + random.Next(4)))
            {
                at += Duration.FromMilliseconds(random.Next(30));
                while (customer.ChangesAt <= at)
                    customer.Decide([], customer.ChangesAt!.Value);
                customer.Decide(batch, at);
            }

            var journal = customer.Journal.ToArray();
            random.Shuffle(journal);
            var rebuilt = journal.Aggregate(CustomerFacts.Of(rulebook), (facts, each) => Tagging.Observe(facts, each, rulebook, at));
            var decision = Tagging.Decide(Tagging.Settle(rebuilt, rulebook, at), TagSet.Empty, rulebook, at, ChangeCause.Replay);

            Assert.That(decision.Assignments, Is.Empty);
            Assert.That(decision.Facts.Encode(), Is.EqualTo(customer.Facts.Encode()), "facts");
            Assert.That(decision.Tags.States.Select(State), Is.EqualTo(customer.Tags.States.Select(State)), "tags");
            Assert.That(Tagging.Explain(rebuilt, rulebook, at), Is.EqualTo(Tagging.Explain(customer.Facts, rulebook, at)), "reasons");
        });

        static (Value, Instant?) State(TagState state) => (state.Value, state.ChangesAt);
    }

    private static void ForEachCase(int firstSeed, Action<Random, OptionedTag[], Rulebook, CustomerEvent[]> check)
    {
        TestContext.Out.WriteLine($"seeds {firstSeed} to {firstSeed + Cases - 1}");
        for (var seed = firstSeed; seed < firstSeed + Cases; seed++)
        {
            var random = new Random(seed);
            var tags = Enumerable.Range(0, random.Next(1, 7)).Select(i => OptionedTag.Random(random, $"t{i}")).ToArray();
            var rulebook = TestRulebooks.Compile(tags.Select(tag => tag.ToDefinition()));
            var events = Enumerable.Range(0, random.Next(5, 60)).Select(i => Event(random, $"e{random.Next(1000)}-{i}")).ToArray();
            Assert.That(() => check(random, tags, rulebook, events), Throws.Nothing, $"seed {seed}: {string.Join(", ", tags.Select(tag => tag.ToString()))}");
        }
    }

    private static CustomerEvent Event(Random random, string id)
    {
        var at = Start + Duration.FromMilliseconds(random.Next(End - 20));
        if (random.Next(5) > 1)
            return CustomerEvent.Create(id, "c", EventKind.Interaction, $"E{random.Next(3)}", at, PropertyBag.Empty);
        var action = new[] { "assigned", "assigned", "removed", "released", "released", "released" }[random.Next(6)];
        var value = new[] { Value.True, Value.Of("high"), Value.Of("low") }[random.Next(3)];
        return CustomerEvent.Create(id, "c", EventKind.Tag, "Tag", at, PropertyBag.Of(
            ("tag", Value.Of($"t{random.Next(6)}")), ("action", Value.Of(action)), ("value", action == "assigned" ? value : Value.Missing), ("by", Value.Of("b")), ("reason", Value.Of("r"))));
    }

    /// <summary>A customer as evaluation keeps them, with their journal.</summary>
    private sealed class Customer(Rulebook rulebook)
    {
        public CustomerFacts Facts { get; private set; } = CustomerFacts.Of(rulebook);

        public TagSet Tags { get; private set; } = TagSet.Empty;

        public Instant? ChangesAt { get; private set; }

        public List<CustomerEvent> Journal { get; } = [];

        /// <returns>Whether anything came of it.</returns>
        public bool Decide(IReadOnlyCollection<CustomerEvent> come, Instant at)
        {
            var facts = come.Aggregate(Facts, (known, each) => Tagging.Observe(known, each, rulebook, at));
            var decision = Tagging.Decide(Tagging.Settle(facts, rulebook, at), Tags, rulebook, at, ChangeCause.Event);
            (Facts, Tags) = (decision.Facts, decision.Tags);
            ChangesAt = new[] { decision.ChangesAt, decision.Facts.NextWaiting }.Min();
            Journal.AddRange(come);
            Journal.AddRange(decision.Assignments.Select(assigned => CustomerEvent.Create(
                $"tagging:assigned:{assigned.Key}:{assigned.Sequence}", "c", EventKind.Assignment, "Tag Assigned", assigned.At,
                PropertyBag.Of(("tag", Value.Of(assigned.Key)), ("value", assigned.Value), ("sequence", Value.Of(assigned.Sequence))))));
            return !decision.Changes.IsEmpty || !decision.Assignments.IsEmpty;
        }

        public void Reload()
        {
            Facts = CustomerFacts.Decode(Facts.Encode(), rulebook)!;
            Tags = new(Tags.Rulebook, Tags.Sequence, Tags.States);
        }
    }
}
