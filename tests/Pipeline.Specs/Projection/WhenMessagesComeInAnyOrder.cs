using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Pipeline.Specs.Doubles;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Pipeline.Specs.Projection;

/// <summary>
/// Random histories, delivered shuffled, repeated, in batches of any size, by two projectors that come between each other, with a store that fails now and
/// then. The views end as if every message had come once and in order; how often segments changed on the way is history, and has to be consistent.
/// </summary>
public sealed class WhenMessagesComeInAnyOrder
{
    private static readonly string[] Keys = ["vip", "tier", "at-risk", "spent"];

    private readonly Rulebook _rulebook = Rulebooks.WithSegments(
        ("best", "tag(vip) and tag(tier) = high"), ("rescue", "tag(at-risk) and tag(spent) > 50"), ("british", "trait.country = \"GB\""));

    [Test]
    public async Task Views_and_tag_changes_end_the_same([Range(1, 60)] int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var messages = Enumerable.Range(0, 4).SelectMany(i => History($"customer-{i}", random)).ToArray();

        var expected = new ViewsInMemory();
        foreach (var message in messages)
            await new TagChangeProjector(expected, new(_rulebook)).ProjectAsync([message], CancellationToken.None);
        var actual = new ViewsInMemory();
        await DeliverAsync(messages, actual, random);

        for (var i = 0; i < 4; i++)
        {
            var customer = $"customer-{i}";
            Assert.That(State(actual[customer]), Is.EqualTo(State(expected[customer])));
            Assert.That(TagEntries(actual, customer), Is.EqualTo(TagEntries(expected, customer)));
            AssertSegmentChangesAreConsistent(actual, customer);
        }
    }

    private static IEnumerable<TagsChanged> History(string id, Random random)
    {
        var customer = new ToldCustomer(id);
        var length = random.Next(1, 15);
        for (var i = 0; i < length; i++)
        {
            if (random.Next(5) == 0)
            {
                yield return customer.TellsTrait("country", random.Next(2) == 0 ? "GB" : "FR");
                continue;
            }

            var changes = Keys.Where(_ => random.Next(3) == 0).Select(key => (key, NextValue(customer, key, random))).ToArray();
            yield return customer.Tells("event", isPublished: random.Next(3) > 0, changes);
        }
    }

    private static object? NextValue(ToldCustomer customer, string key, Random random) => key switch
    {
        _ when random.Next(3) == 0 && customer.HeldKeys.Contains(key) => null,
        "tier" => random.Next(2) == 0 ? "high" : "low",
        "spent" => random.Next(100),
        _ => true,
    };

    private async Task DeliverAsync(TagsChanged[] messages, ViewsInMemory views, Random random)
    {
        var repeated = messages.Concat(messages.Where(_ => random.Next(4) == 0)).ToArray();
        random.Shuffle(repeated);
        var queue = new Queue<TagsChanged>(repeated);
        var projector = new TagChangeProjector(views, new(_rulebook));
        var depth = 0;
        views.BeforeCommit = async () =>
        {
            if (random.Next(8) == 0)
                throw new IOException("The store went away.");
            // Another projector comes first, and may itself be overtaken, but not without end.
            if (depth >= 2 || random.Next(3) > 0)
                return;
            depth++;
            await DeliverBatchAsync();
            depth--;
        };
        for (var rounds = 0; queue.Count > 0; rounds++)
        {
            Assert.That(rounds, Is.LessThan(10_000), "messages go round without end");
            await DeliverBatchAsync();
        }

        async Task DeliverBatchAsync()
        {
            var batch = Enumerable.Range(0, Math.Min(queue.Count, random.Next(1, 7))).Select(_ => queue.Dequeue()).ToArray();
            try
            {
                var outcomes = await projector.ProjectAsync(batch, CancellationToken.None);
                foreach (var (message, _) in batch.Zip(outcomes).Where(delivery => delivery.Second == ProjectionOutcome.Ahead))
                    queue.Enqueue(message);
            }
            catch (IOException)
            {
                foreach (var message in batch)
                    queue.Enqueue(message);
            }
        }
    }

    private static object State(CustomerView view) => (
        view.Revision, view.TagSequence, view.Rulebook, view.Traits, string.Join(';', view.Tags),
        string.Join(';', view.Memberships.Where(membership => membership.IsMember).Select(membership => membership.Segment)));

    private static string[] TagEntries(ViewsInMemory views, string customer) =>
    [
        .. views.Feed.Where(entry => entry.Customer == customer && entry.Type.StartsWith("tag.", StringComparison.Ordinal))
            .Select(entry => Convert.ToHexString(entry.Body.Span)),
    ];

    private static void AssertSegmentChangesAreConsistent(ViewsInMemory views, string customer)
    {
        var changes = views.Feed.Where(entry => entry.Customer == customer && entry.Type.StartsWith("segment.", StringComparison.Ordinal))
            .Select(entry => JsonSerializer.Deserialize<ChangeEnvelope>(entry.Body.Span, ContractsJson.Options)!).ToArray();
        Assert.That(changes.Select(change => change.Sequence), Is.EqualTo(Enumerable.Range(1, changes.Length).Select(number => (long)number)));
        Assert.That(views[customer].SegmentSequence, Is.EqualTo(changes.Length));
        foreach (var ofKey in changes.GroupBy(change => change.Data.Key))
        {
            Assert.That(ofKey.Select(change => (change.KeySequence, change.Type)), Is.EqualTo(Enumerable.Range(1, ofKey.Count())
                .Select(number => ((long)number, number % 2 == 1 ? "segment.entered" : "segment.exited"))));
            var membership = views[customer].Memberships.Single(membership => membership.Segment == ofKey.Key);
            Assert.That((membership.KeySequence, membership.IsMember), Is.EqualTo((ofKey.Last().KeySequence, ofKey.Last().Type == "segment.entered")));
        }
    }
}
