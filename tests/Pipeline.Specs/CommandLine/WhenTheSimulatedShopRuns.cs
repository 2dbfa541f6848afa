using System.Text;
using System.Text.Json;
using NodaTime;
using TaggingPipeline.CommandLine.Demo;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

public sealed class WhenTheSimulatedShopRuns
{
    private const int Seed = 7;

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 10, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(83);

    [Test]
    public void The_same_seed_gives_the_same_events()
    {
        var (first, second, other) = (Events(Seed, 2000), Events(Seed, 2000), Events(Seed + 1, 2000));

        Assert.Multiple(() =>
        {
            Assert.That(Text(first), Is.EqualTo(Text(second)));
            Assert.That(Text(first), Is.Not.EqualTo(Text(other)));
            Assert.That(first.Select(simulated => simulated.MessageId), Is.Unique);
        });
    }

    [Test]
    public void Events_have_about_300_bytes()
    {
        var average = Events(Seed, 5000).Average(simulated => simulated.ToSegmentJson().Length);
        TestContext.Out.WriteLine($"{average:0} bytes on average");

        Assert.That(average, Is.InRange(260, 340));
    }

    [Test]
    public void Customers_search_look_fill_carts_buy_and_give_back()
    {
        var names = Events(Seed, 20_000).CountBy(simulated => simulated.Name).ToDictionary();
        TestContext.Out.WriteLine(string.Join(", ", names.OrderByDescending(name => name.Value).Select(name => $"{name.Key} {name.Value}")));

        Assert.Multiple(() =>
        {
            foreach (var name in (string[])["Product Viewed", "Products Searched", "Product List Viewed", "Product Added", "Product Removed", "Checkout Started", "Order Completed", "Home", "identify"])
                Assert.That(names.GetValueOrDefault(name), Is.GreaterThan(50), name);
            foreach (var name in (string[])["Order Refunded", "Order Cancelled", "Coupon Applied", "Newsletter Subscribed"])
                Assert.That(names.GetValueOrDefault(name), Is.GreaterThan(5), name);
        });
    }

    [Test]
    public void A_batch_is_one_that_the_tracking_api_takes()
    {
        using var batch = JsonDocument.Parse(SimulatedEvent.ToSegmentBatch(Events(Seed, 100), Start));

        Assert.That(batch.RootElement.GetProperty("batch").EnumerateArray().Select(item => item.GetProperty("type").GetString()).Distinct(), Is.EquivalentTo(new[] { "track", "page", "identify" }));
    }

    [Test]
    public void Its_events_are_accepted_and_the_same_to_rules_whichever_way_they_come()
    {
        foreach (var simulated in Events(Seed, 2000))
        {
            var shopEvent = simulated.ToShopEvent(Start);
            Assert.That(EventCheck.Reject(shopEvent), Is.Null);
            Assert.That(EventMapping.ToDomain(shopEvent), Is.EqualTo(simulated.ToCustomerEvent()));
        }
    }

    [Test]
    public async Task Tags_and_segments_of_the_demonstration_come_and_go_while_one_watches()
    {
        var rulebook = await LoadAsync("demo-shop.yaml");
        var (gained, lost) = (new HashSet<string>(), new HashSet<string>());
        var (entered, left) = (new HashSet<string>(), new HashSet<string>());
        var customers = new Dictionary<string, Watched>();
        var changesInTheSecondMinute = 0;
        foreach (var simulated in Events(20260101, 6 * 60 * 12))
        {
            var watched = customers.TryGetValue(simulated.UserId, out var known) ? known : new Watched(CustomerFacts.Of(rulebook), TagSet.Empty, null, []);
            var happened = simulated.ToCustomerEvent();
            watched = watched.PassTo(happened.OccurredAt, rulebook, Note);
            watched = watched with { Facts = Tagging.Observe(watched.Facts, happened, rulebook, happened.OccurredAt) };
            customers[simulated.UserId] = watched.Decide(happened.OccurredAt, ChangeCause.Event, rulebook, Note);
        }

        TestContext.Out.WriteLine($"{changesInTheSecondMinute} changes in the second minute");
        Assert.Multiple(() =>
        {
            Assert.That(changesInTheSecondMinute, Is.GreaterThan(60));
            Assert.That(gained, Is.EquivalentTo(rulebook.Tags.Select(tag => tag.Key)));
            Assert.That(lost, Is.SupersetOf(new[] { "new-customer", "browsing-now", "cart-abandoner", "churn-risk", "shoe-lover", "big-spender-now", "last-search" }));
            Assert.That(entered, Is.EquivalentTo(rulebook.Segments.Select(segment => segment.Key)));
            Assert.That(left, Is.EquivalentTo(entered));
        });

        void Note(Instant at, IEnumerable<string> added, IEnumerable<string> removed, IReadOnlySet<string> before, IReadOnlySet<string> after)
        {
            gained.UnionWith(added);
            lost.UnionWith(removed);
            entered.UnionWith(after.Except(before));
            left.UnionWith(before.Except(after));
            var minute = (at - Instant.FromDateTimeOffset(Start)).TotalMinutes;
            changesInTheSecondMinute += minute is >= 1 and < 2 ? added.Count() + removed.Count() : 0;
        }
    }

    [TestCase("benchmark.yaml", 30)]
    [TestCase("cdnow.yaml", 6)]
    [TestCase("demo-shop.yaml", 11)]
    [TestCase("online-retail.yaml", 14)]
    public async Task Example_rulebooks_have_no_errors(string name, int tags) => Assert.That((await LoadAsync(name)).Tags, Has.Length.EqualTo(tags));

    [Test]
    public async Task Every_rule_of_the_benchmark_applies_to_somebody()
    {
        var rulebook = await LoadAsync("benchmark.yaml");
        var held = new HashSet<string>();
        foreach (var customer in new SimulatedShop(Seed, 200).Events(Start, TimeSpan.FromMinutes(2)).Take(40_000).GroupBy(simulated => simulated.UserId))
        {
            var facts = CustomerFacts.Of(rulebook);
            var tags = TagSet.Empty;
            foreach (var happened in customer.Select(simulated => simulated.ToCustomerEvent()))
            {
                facts = Tagging.Settle(Tagging.Observe(facts, happened, rulebook, happened.OccurredAt), rulebook, happened.OccurredAt);
                tags = Tagging.Decide(facts, tags, rulebook, happened.OccurredAt, ChangeCause.Event).Tags;
                held.UnionWith(tags.Held.Select(tag => tag.Key));
            }
        }

        // Forty days of events: nobody can have stayed away for sixty.
        Assert.That(rulebook.Tags.Select(tag => tag.Key).Except(held), Is.SubsetOf(new[] { "churn-risk" }));
    }

    private static SimulatedEvent[] Events(int seed, int count) => [.. new SimulatedShop(seed, 60).Events(Start, Gap).Take(count)];

    private static string Text(IEnumerable<SimulatedEvent> events) => string.Join('\n', events.Select(simulated => Encoding.UTF8.GetString(simulated.ToSegmentJson())));

    private static async Task<Rulebook> LoadAsync(string example)
    {
        var (rulebook, errors) = await RulebookFile.LoadAsync(RealData.Example(example), CancellationToken.None);
        Assert.That(errors, Is.Empty);
        return rulebook!;
    }

    private delegate void ChangeNote(Instant at, IEnumerable<string> added, IEnumerable<string> removed, IReadOnlySet<string> before, IReadOnlySet<string> after);

    /// <summary>A customer on whom the demonstration's rules are tried.</summary>
    private sealed record Watched(CustomerFacts Facts, TagSet Tags, Instant? ChangesAt, HashSet<string> Segments)
    {
        public Watched PassTo(Instant instant, Rulebook rulebook, ChangeNote note)
        {
            var passed = this;
            while (passed.ChangesAt is { } change && change <= instant)
                passed = passed.Decide(change, ChangeCause.Time, rulebook, note);
            return passed;
        }

        public Watched Decide(Instant instant, ChangeCause cause, Rulebook rulebook, ChangeNote note)
        {
            var facts = Tagging.Settle(Facts, rulebook, instant);
            var decision = Tagging.Decide(facts, Tags, rulebook, instant, cause);
            var values = decision.Tags.Held.ToDictionary(tag => tag.Key, tag => tag.Value);
            var segments = rulebook.Segments.Where(segment => segment.Evaluate(values, facts.Traits).Holds).Select(segment => segment.Key).ToHashSet();
            note(
                instant,
                decision.Changes.Where(change => change.Previous.IsMissing).Select(change => change.Key),
                decision.Changes.Where(change => change.Value.IsMissing).Select(change => change.Key),
                Segments,
                segments);
            return new(facts, decision.Tags, decision.ChangesAt, segments);
        }
    }
}
