using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Domain.Specs.Naive;

namespace TaggingPipeline.Domain.Specs.Rulebooks;

/// <summary>The promise for rules that nobody thought of: a rulebook that decides any customer, or errors with a place in the text, never an exception.</summary>
public sealed partial class AnyRulebookWhatever
{
    private static readonly string[] Words =
    [
        .. Vocabulary.Keywords, .. Vocabulary.EventKinds, .. Vocabulary.Aggregates, .. Vocabulary.Functions,
        "tag", "segment", "trait", "then", "no", "within", "since", "today", "yesterday", "this", "last", "previous", "calendar", "days", "week", "months", "quarter", "years",
        "products", "category", "time", "date", "name", "total", "high", "a", "b", "c", "s", "(", ")", "[", "]", ",", ".", ".(", "*", "/", "+", "-", "=", "!=", "<", ">=",
        "0", "1", "3", "2.5", "0.0000000001", "79228162514264337593543950335", "1000000000000000000000000", "99999999999", "0.0000000000000000000000000001", "\"9999-12-31\"", "36500d", "1ms", "2h", "\"x\"", "\"2026-02-30\"", "\"(a+)+$\"", "\"[\"", "\"2024-02-29\"",
    ];

    private static readonly string[] Zones = ["Europe/London", "Pacific/Apia", "Asia/Shanghai", "America/St_Johns", "Atlantis/Nowhere"];

    /// <summary>A million in the long form; in the ordinary run as many of them as half a minute allows.</summary>
    [Test]
    public void Decides_any_customer_or_has_errors_with_a_place()
    {
        const int Rounds = 1_000_000;
        var isLong = Environment.GetEnvironmentVariable("TAGGING_LONG") == "1";
        var seed = int.Parse(Environment.GetEnvironmentVariable("TAGGING_SEED") ?? "20083", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        var (compiled, round, started) = (0, 0, Stopwatch.GetTimestamp());
        for (; round < Rounds && (isLong || Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30)); round++)
        {
            var definition = Mutated(random);
            RulebookCompilation? result = null;
            Assert.That(() => result = Rulebook.Compile(definition), Throws.Nothing, $"seed {seed}, round {round}: {TextOf(definition)}");
            if (result!.Rulebook is null == result.Errors.IsEmpty || result.Errors.Any(error => !HasPlace(error, definition)))
                Assert.Fail($"seed {seed}, round {round}: {TextOf(definition)}\n{string.Join('\n', result.Errors)}");
            if (result.Rulebook is not { } rulebook)
                continue;
            compiled++;
            Assert.That(() => Decide(rulebook, random), Throws.Nothing, $"seed {seed}, round {round}: {TextOf(definition)}");
        }

        TestContext.Out.WriteLine($"seed {seed}, {round} rulebooks, of which {compiled} have no errors");
        Assert.That(compiled, Is.GreaterThan(round / 100).And.LessThan(round), "some of them have errors and some have none");
    }

    [TestCase("days(since(first(event))) < 1000000000000000000000000")]
    [TestCase("days(since(first(event))) < 10000000000")]
    [TestCase("days(since(first(event))) / 1000000000000000000000000000 > 900")]
    [TestCase("days(since(first(event))) / 0.00000000001 < 79228162514264337593543950335")]
    [TestCase("days(since(first(event))) * 99999999999 * 99999999999 * 0.00000000000000000001 > -79228162514264337593543950335")]
    [TestCase("79228162514264337593543950335 - days(since(first(event))) != -79228162514264337593543950335")]
    [TestCase("days_between(first(event), now) * 0.00000000000001 * 0.00000000000001 > 5")]
    [TestCase("now < \"9999-12-31\"")]
    [TestCase("now - 36500d - 36500d - 36500d < \"9999-12-31T23:59:59Z\"")]
    [TestCase("age(trait.birthday) >= 79228162514264337593543950335")]
    [TestCase("age(trait.birthday) >= 7000 or days_to_birthday(trait.birthday) < -79228162514264337593543950335")]
    [TestCase("start_of_day(now) + 36500d > \"9999-12-31\"")]
    [TestCase("round(hours(now - first(event)) * 0.0000000001, 10) = 12345678901234567890")]
    [TestCase("sum(event.(price * 99999999999 * 99999999999)) >= 0")]
    public void Huge_numbers_and_far_instants_are_reckoned_with(string condition)
    {
        var rulebook = TestRulebooks.Compile([TestRulebooks.When("t", condition)]);
        Assert.That(() => Decide(rulebook, new Random(1)), Throws.Nothing);
    }

    private static void Decide(Rulebook rulebook, Random random)
    {
        var at = RandomCustomers.Start + Duration.FromHours(random.Next(RandomCustomers.Hours * 30));
        var facts = CustomerFacts.Of(rulebook);
        foreach (var observed in RandomCustomers.Events(random, 6))
            facts = Tagging.Observe(facts, observed, rulebook, at);
        facts = Tagging.Settle(facts, rulebook, at);
        var (tags, next) = (TagSet.Empty, (Instant?)at);
        for (var step = 0; step < 3 && next is { } instant; step++)
        {
            var decision = Tagging.Decide(Tagging.Settle(facts, rulebook, instant), tags, rulebook, instant, ChangeCause.Time);
            (tags, next) = (decision.Tags, decision.ChangesAt);
        }

        _ = string.Concat(Tagging.Explain(facts, rulebook, at).Select(outcome => outcome.Reason.Text));
        _ = rulebook.Segments.Select(segment => segment.Evaluate(new Dictionary<string, Domain.Events.Value>(), facts.Traits)).ToArray();
    }

    private static RulebookDefinition Mutated(Random random) => TestRulebooks.Define(
        [
            TestRulebooks.When("a", Mutate(RandomRules.Condition(random, 2), random)),
            TestRulebooks.Value("b", Mutate(RandomRules.Value(random), random)),
            TestRulebooks.Tiers("c", ("high", Mutate(RandomRules.Reference(random, "a", "b", "s"), random))),
        ],
        Zones[random.Next(30) == 0 ? random.Next(Zones.Length) : random.Next(2)],
        [TestRulebooks.Segment("s", Mutate("tag(a) and trait.age > 3", random))]);

    /// <summary>Some words left out, put in, exchanged or repeated; often none, and now and then very many.</summary>
    private static string Mutate(string text, Random random)
    {
        var words = Tokens().Matches(text).Select(match => match.Value).ToList();
        for (var changes = random.Next(3) * random.Next(2); changes > 0; changes--)
        {
            var at = random.Next(words.Count);
            switch (random.Next(5))
            {
                case 0:
                    words.Insert(at, Words[random.Next(Words.Length)]);
                    break;
                case 1 when words.Count > 1:
                    words.RemoveAt(at);
                    break;
                case 2:
                    words[at] = Words[random.Next(Words.Length)];
                    break;
                case 3:
                    var piece = words.GetRange(at, Math.Min(words.Count - at, random.Next(1, 8)));
                    words.InsertRange(random.Next(words.Count + 1), piece);
                    break;
                case 4 when random.Next(200) == 0:
                    words.InsertRange(at, Enumerable.Repeat(Words[random.Next(Words.Length)], random.Next(3_000)));
                    break;
            }
        }

        return string.Join(' ', words);
    }

    private static bool HasPlace(RulebookError error, RulebookDefinition definition) =>
        error.At.Line == 1 && error.At.Column >= 1 && error.Message.Length > 0
        && error.At.Column <= 1 + Math.Max(TextsOf(definition).Max(text => text.Length), definition.TimeZone.Text.Length);

    private static IEnumerable<string> TextsOf(RulebookDefinition definition) =>
        definition.Tags.SelectMany(tag => tag.Tiers.Select(tier => tier.Condition).Append(tag.When).Append(tag.Value)).OfType<SourceText>()
            .Concat(definition.Segments.Select(segment => segment.When)).Select(source => source.Text);

    private static string TextOf(RulebookDefinition definition) => $"{definition.TimeZone.Text}\n{string.Join('\n', TextsOf(definition))}";

    [GeneratedRegex("\"[^\"]*\"|[\\p{L}_][\\p{L}\\d_-]*|\\d+(?:\\.\\d+)?[a-z]*|\\S")]
    private static partial Regex Tokens();
}
