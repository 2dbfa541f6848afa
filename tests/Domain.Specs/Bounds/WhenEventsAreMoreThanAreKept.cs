using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Domain.Rules.Measures;
using TaggingPipeline.Domain.Specs.Naive;
using TaggingPipeline.Domain.Specs.Properties;

namespace TaggingPipeline.Domain.Specs.Bounds;

/// <summary>Series that keep eight events one by one in place of 4,096, so that groups are common. Every case prints its seed when it fails.</summary>
[TestFixture]
public class WhenEventsAreMoreThanAreKept
{
    private const int Kept = 8;

    private static readonly FactLimits Few = new(Kept, Orders: 6, Values: 4_096);

    /// <summary>Windows of which groups are 1, 2, 65 and 524 seconds and 17 minutes wide at most.</summary>
    private static readonly string[] Windows = ["20m", "50m", "1d", "7d", "14d", "previous 1d", "previous 7d", "today", "this week", "last week", "3 calendar days"];

    private static readonly string[] Sources = ["browse", "interaction", "event", "browse[\"Product Viewed\"]", "browse[price > 5]", "browse since last(interaction)", "event since first(browse)",
        "purchase", "purchase[total > 20]", "purchase.products[]", "purchase since first(interaction)"];

    private static readonly string[] Instants = [.. Sources.Where(source => !source.Contains("[]", StringComparison.Ordinal))];

    [Test]
    public void Promise_3_any_order_and_any_split_give_equal_facts_values_reasons_and_next_changes()
    {
        ForEachCase(5_000_000, 600, (random, rulebook, _, events) =>
        {
            var end = BusyCustomers.Start + Duration.FromMinutes(random.Next(60 * 24 * 20));
            var straight = Observe(rulebook, events.OrderBy(e => e.OccurredAt).ThenBy(e => e.Id), end);
            var expected = Tagging.Explain(straight, rulebook, end);
            for (var round = 0; round < 3; round++)
            {
                // Now and then nearly in order, as events come.
                var shuffled = events.ToArray();
                random.Shuffle(shuffled);
                if (round == 0)
                    shuffled = [.. shuffled.OrderBy(e => e.OccurredAt + Duration.FromMinutes(random.Next(10) == 0 ? random.Next(600) : 0))];
                var facts = Walk(rulebook, shuffled, end, random);
                Assert.That(facts.Encode(), Is.EqualTo(straight.Encode()), "facts");
                Assert.That(Tagging.Explain(facts, rulebook, end), Is.EqualTo(expected), "outcomes");
            }
        });
    }

    [Test]
    public void Promise_5_the_next_change_is_the_first_instant_at_which_the_engine_itself_says_otherwise()
    {
        var exact = 0;
        ForEachCase(6_000_000, 600, (random, rulebook, _, events) =>
        {
            var at = BusyCustomers.Start + Duration.FromMinutes(random.Next(60 * 24 * 16));
            var facts = Observe(rulebook, events, at);
            var outcomes = Tagging.Explain(facts, rulebook, at);
            var instants = Enumerable.Range(0, 60).Select(_ => at + Duration.FromMilliseconds((long)Math.Pow(random.NextDouble() * 1_100, 3)))
                .Concat(outcomes.Where(outcome => outcome.ChangesAt is not null).SelectMany(outcome => new[] { outcome.ChangesAt!.Value, outcome.ChangesAt.Value - Duration.FromMilliseconds(1) }))
                .Where(instant => instant > at).Distinct().Order().ToArray();
            foreach (var instant in instants)
            {
                var later = Tagging.Explain(Tagging.Settle(facts, rulebook, instant), rulebook, instant);
                for (var i = 0; i < outcomes.Length; i++)
                {
                    if (outcomes[i].ChangesAt is null || instant < outcomes[i].ChangesAt)
                        Assert.That(later[i].Value, Is.EqualTo(outcomes[i].Value), $"{rulebook.Tags[i].Text} as of {at} was to stand until {outcomes[i].ChangesAt}, looked at {instant}");
                    else if (instant == outcomes[i].ChangesAt)
                        Assert.That(later[i].Value, Is.Not.EqualTo(outcomes[i].Value), $"{rulebook.Tags[i].Text} as of {at} was to change at {instant}");
                    exact += instant == outcomes[i].ChangesAt ? 1 : 0;
                }
            }
        });
        TestContext.Out.WriteLine($"{exact} next changes");
        Assert.That(exact, Is.GreaterThan(500));
    }

    /// <summary>An event a second, so a window of so many seconds holds as many. Groups are four seconds wide.</summary>
    [TestCase(4_000, 0)]
    [TestCase(4_096, 0, Description = "The limit")]
    [TestCase(4_097, 4)]
    [TestCase(5_003, 4)]
    public void A_window_with_up_to_4096_events_is_exact_and_one_with_more_has_too_many_by_a_group_at_most(int seconds, int tooMany)
    {
        var rulebook = Compile(FactLimits.Usual, TestRulebooks.Value("count", $"count(browse, {seconds}s)"), TestRulebooks.Value("first", $"first(browse, {seconds}s)"));
        var events = Enumerable.Range(0, 6_000).Select(i => CustomerEvent.Create($"e{i}", "c", EventKind.Browse, "Home", BusyCustomers.Start + Duration.FromSeconds(i), PropertyBag.Empty)).ToArray();
        for (var more = 0; more < 8; more++)
        {
            var at = events[5_900 + more].OccurredAt;
            var outcomes = Tagging.Explain(Observe(rulebook, events[..(5_901 + more)], at), rulebook, at);
            Assert.That((int)outcomes[0].Value.AsNumber, Is.InRange(seconds, seconds + tooMany));
            Assert.That(at - outcomes[1].Value.AsInstant, Is.InRange(Duration.FromSeconds(seconds - 1), Duration.FromSeconds(seconds - 1 + tooMany)));
        }
    }

    [TestCase("count(interaction then browse within 1h, 1d) >= 1")]
    [TestCase("count(interaction then browse within 1h) >= 1")]
    [TestCase("top(browse.category, 1d) = \"c1\"")]
    public void The_reason_says_where_only_the_latest_events_are_looked_at(string condition)
    {
        var rulebook = Compile(Few, TestRulebooks.When("t", condition));
        var events = BusyCustomers.Events(new Random(9_000_000), 100, Duration.FromHours(2), orders: false);
        var at = BusyCustomers.Start + Duration.FromHours(2);
        Assert.That(Tagging.Explain(Observe(rulebook, events, at), rulebook, at).Single().Reason.Text, Does.EndWith("only the latest are looked at"));
        Assert.That(Tagging.Explain(Observe(rulebook, events[..8], at), rulebook, at).Single().Reason.Text, Does.Not.Contain("latest"));
    }

    [Test]
    public void A_count_is_between_that_of_the_window_and_that_of_one_longer_by_the_width_of_a_group()
    {
        (string Window, Duration Length)[] windows = [("20m", Duration.FromMinutes(20)), ("50m", Duration.FromMinutes(50)), ("1d", Duration.FromDays(1)), ("7d", Duration.FromDays(7))];
        var coarse = 0;
        ForEachSeed(7_000_000, 600, random =>
        {
            var rulebook = Compile(Few, [.. windows.Select((window, i) => TestRulebooks.Value($"c{i}", $"count(browse, {window.Window})"))]);
            var events = BusyCustomers.Events(random, 60 + random.Next(200), random.Next(2) == 0 ? Duration.FromDays(1) : Duration.FromMinutes(40), orders: false);
            var (_, edge) = windows[random.Next(windows.Length)];
            var at = events[random.Next(events.Length)].OccurredAt + edge + Duration.FromMilliseconds(random.Next((int)(edge.TotalMilliseconds / 1_000)));
            var outcomes = Tagging.Explain(Walk(rulebook, events, at, random), rulebook, at);
            for (var i = 0; i < windows.Length; i++)
            {
                var length = windows[i].Length;
                var (least, most) = (Naive(length), Naive(length + (length / 1_000)));
                var counted = (int)(outcomes[i].Value.IsMissing ? 0 : outcomes[i].Value.AsNumber);
                Assert.That(counted, Is.InRange(least, most), $"{windows[i].Window} as of {at}");
                if (Naive(length + (length / 1_000)) <= Kept)
                    Assert.That(counted, Is.EqualTo(least), "exact");
                coarse += counted != least ? 1 : 0;
            }

            int Naive(Duration length) => events.Count(e => e.Kind == EventKind.Browse && e.OccurredAt <= at && e.OccurredAt > at - length);
        });
        TestContext.Out.WriteLine($"{coarse} counts were not exact");
        Assert.That(coarse, Is.GreaterThan(20), "that there is something to see");
    }

    [Test]
    public void Measures_without_a_window_are_exact_and_so_are_different_values_in_a_window_up_to_now()
    {
        string[] exact = ["count(browse)", "sum(browse.price)", "avg(event.price)", "min(browse.price)", "max(interaction.price)", "distinct(event.category)", "top(browse.category)", "first(browse)", "last(browse)",
            "first(browse.category)", "last(event.category)", "count(purchase)", "sum(purchase.total)", "avg(purchase.total)", "max(purchase.total)", "distinct(purchase.category)", "first(purchase)", "last(purchase)",
            "top(purchase.category)", "sum(purchase.products[].price)", "distinct(browse.category, 1d)", "distinct(event.price, 50m)", "distinct(purchase.category, 7d)"];
        ForEachSeed(8_000_000, 400, random =>
        {
            var definition = TestRulebooks.Define(exact.Select((expression, i) => TestRulebooks.Value($"v{i}", expression))
                .Concat(Windows.Select((window, i) => TestRulebooks.Value($"w{i}", $"count(browse, {window}) + sum(event.price, {window}) + 0 * max(event.price, {window})"))
                .Append(TestRulebooks.When("p", "count(purchase, 7d) > 3 or exists(purchase.products[price > 7], 1d)")))) with { Limits = Few };
            var rulebook = TestRulebooks.Compile(definition);
            var events = BusyCustomers.Events(random, 20 + random.Next(150), Duration.FromDays(random.Next(3) == 0 ? 16 : 1), orders: true);
            var at = BusyCustomers.Start + Duration.FromMinutes(random.Next(60 * 24 * 16));
            var outcomes = Tagging.Explain(Walk(rulebook, events, at, random), rulebook, at);
            var oracle = new NaiveEvaluator(events, rulebook.Zone, at, NaiveRules.Of(definition));
            for (var i = 0; i < exact.Length; i++)
                Assert.That(outcomes[i].Value, Is.EqualTo(oracle.TagOf(rulebook.Tags[i].Key)), $"{rulebook.Tags[i].Text} as of {at}");
        });
    }

    private static void ForEachCase(int firstSeed, int cases, Action<Random, Rulebook, RulebookDefinition, CustomerEvent[]> check) => ForEachSeed(firstSeed, cases, random =>
    {
        string Pick(string[] options) => options[random.Next(options.Length)];
        string Figure() => random.Next(9) switch
        {
            0 or 1 or 2 => $"count({Pick(Sources)}{Window()})",
            3 or 4 => $"{Pick(["sum", "avg", "min", "max", "distinct"])}({Pick(["browse", "interaction", "event", "purchase", "purchase.products[price > 2]"])}.price{Window()})",
            5 => $"distinct({Pick(["browse", "event", "purchase"])}.category{Window()})",
            6 => $"count({Pick(["browse then interaction within 1h", "interaction then no browse within 5m", "event then browse within 2m then event within 1d", "browse then no purchase within 3h", "purchase then purchase within 1h"])}{Window()})",
            7 => $"days_between({Pick(["first", "last"])}({Pick(Instants)}{Window()}), now)",
            _ => $"count(event{Window()}) - count(browse{Window()})",
        };
        string Window() => random.Next(6) == 0 ? "" : ", " + Pick(Windows);
        var tags = Enumerable.Range(0, 6).Select(i => random.Next(6) switch
        {
            0 => TestRulebooks.Value($"t{i}", $"{Pick(["top", "first", "last"])}({Pick(["browse", "event", "purchase"])}.category{Window()})"),
            1 => TestRulebooks.Value($"t{i}", Figure()),
            _ => TestRulebooks.When($"t{i}", $"{Figure()} {Pick([">", ">=", "<", "<=", "=", "!="])} {random.Next(40)}"),
        });
        var definition = TestRulebooks.Define(tags) with { Limits = Few };
        check(random, TestRulebooks.Compile(definition), definition, BusyCustomers.Events(random, 10 + random.Next(120), Duration.FromHours(random.Next(3) switch { 0 => 1, 1 => 30, _ => 24 * 15 }), orders: true));
    });

    private static void ForEachSeed(int firstSeed, int cases, Action<Random> check)
    {
        TestContext.Out.WriteLine($"seeds {firstSeed} to {firstSeed + cases - 1}");
        for (var seed = firstSeed; seed < firstSeed + cases; seed++)
        {
            var random = new Random(seed);
            Assert.That(() => check(random), Throws.Nothing, $"seed {seed}");
        }
    }

    private static Rulebook Compile(FactLimits limits, params TagDefinition[] tags) => TestRulebooks.Compile(TestRulebooks.Define(tags) with { Limits = limits });

    private static CustomerFacts Observe(Rulebook rulebook, IEnumerable<CustomerEvent> events, Instant asOf)
    {
        var facts = CustomerFacts.Of(rulebook);
        foreach (var observed in events)
            facts = Tagging.Observe(facts, observed, rulebook, asOf);
        return Tagging.Settle(facts, rulebook, asOf);
    }

    /// <summary>The same, settled in between at ever later instants, and stored and loaded.</summary>
    private static CustomerFacts Walk(Rulebook rulebook, CustomerEvent[] events, Instant end, Random random)
    {
        var (facts, at) = (CustomerFacts.Of(rulebook), BusyCustomers.Start);
        foreach (var batch in events.Chunk(1 + random.Next(12)))
        {
            at += Duration.FromMilliseconds(Math.Floor((end - at).TotalMilliseconds * random.NextDouble() * random.NextDouble()));
            facts = Gathering.Observe(random, facts, batch, rulebook, at);
            if (random.Next(2) == 0)
                facts = CustomerFacts.Decode(facts.Encode(), rulebook)!;
        }

        return Tagging.Settle(facts, rulebook, end);
    }
}
