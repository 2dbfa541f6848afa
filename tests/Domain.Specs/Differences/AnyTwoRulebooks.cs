using System.Globalization;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Differences;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Domain.Specs.Language;
using TaggingPipeline.Domain.Specs.Naive;
using static TaggingPipeline.Domain.Specs.Naive.TestRulebooks;

namespace TaggingPipeline.Domain.Specs.Differences;

/// <summary>A rulebook has no difference to itself, and any two that differ in content have one; only trees that are the same are said to be.</summary>
[TestFixture]
public sealed class AnyTwoRulebooks
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("TAGGING_LONG") == "1" ? 200_000 : 5_000;

    [Test]
    public void Have_a_difference_if_and_only_if_their_contents_differ()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("TAGGING_SEED") ?? "60312", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        var (different, inWords) = (0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            var before = Random(random);
            var after = before;
            for (var changes = random.Next(1, 3); changes > 0; changes--)
                after = Mutated(after, random);
            if (Rulebook.Compile(before).Rulebook is not { } one || Rulebook.Compile(after).Rulebook is not { } other)
                continue;

            Assert.That(RulebookDifferences.Between(before, before), Is.Empty, $"seed {seed}, round {round}");
            var differences = RulebookDifferences.Between(before, after);
            Assert.That(differences.IsEmpty, Is.EqualTo(one.ContentHash == other.ContentHash), $"seed {seed}, round {round}: {string.Join("; ", differences)}");
            Assert.That(RulebookDifferences.Between(after, before).Length, Is.EqualTo(differences.Length), $"seed {seed}, round {round}: the other way round");
            different += differences.IsEmpty ? 0 : 1;
            inWords += differences.Any(each => each.Text.Contains('→', StringComparison.Ordinal) && !each.Text.Contains('`', StringComparison.Ordinal)) ? 1 : 0;
        }

        TestContext.Out.WriteLine($"seed {seed}, {Rounds} rounds, {different} pairs differ, {inWords} of them in words");
        Assert.That(different, Is.GreaterThan(Rounds / 2));
        Assert.That(inWords, Is.GreaterThan(different / 10));
    }

    [Test]
    public void Are_said_to_say_the_same_only_if_their_trees_are_the_same()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("TAGGING_SEED") ?? "60313", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        var same = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var before = RandomRules.Condition(random);
            var after = random.Next(3) == 0 ? before.Replace(" ", "  ", StringComparison.Ordinal) : Tweaked(before, random);
            if (before == after || Parser.Parse(after) is not { Root: { } tree, Errors.IsEmpty: true })
                continue;
            var text = RulebookDifferences.Between(Define([When("t", before)]), Define([When("t", after)])).Single().Text;
            var isSame = TreeText.Of(Parser.Parse(before).Root) == TreeText.Of(tree);
            Assert.That(text.Contains("and the same", StringComparison.Ordinal), Is.EqualTo(isSame), $"seed {seed}, round {round}: {text}");
            same += isSame ? 1 : 0;
        }

        TestContext.Out.WriteLine($"seed {seed}, {Rounds} rounds, {same} the same");
        Assert.That(same, Is.GreaterThan(Rounds / 20).And.LessThan(Rounds));
    }

    private static RulebookDefinition Random(Random random) => Define(
        [
            When("a", RandomRules.Condition(random, 2)), Value("b", RandomRules.Value(random)),
            Tiers("c", ("high", RandomRules.Condition(random, 1)), ("low", RandomRules.Condition(random, 1))), When("d", RandomRules.Condition(random, 1)),
        ],
        segments: [Segment("s", "tag(a) and trait.age > 3"), Segment("r", "tag(c) = high")]);

    private static RulebookDefinition Mutated(RulebookDefinition book, Random random)
    {
        var place = random.Next(book.Tags.Length);
        var tag = book.Tags[place];
        return random.Next(14) switch
        {
            0 => book with { Name = Text(Pick("test", "other")) },
            1 => book with { TimeZone = Text(Pick("UTC", "Europe/London")) },
            2 => book with { Currency = Text(Pick("GBP", "EUR")), Rates = [new(Text("USD"), Text(Pick("0.8", "0.9"))), new(Text("JPY"), Text("0.005"))] },
            3 => book with { Rates = [.. book.Rates.Reverse()] },
            4 => book with { PopulationEvery = random.Next(2) == 0 ? null : Text("12h") },
            5 => book with { Events = random.Next(2) == 0 ? [] : [new(Text("Order Placed"), Text(Pick("purchase", "browse"))), new(Text("Seen"), Text("browse"))] },
            6 => book with { Tags = book.Tags.RemoveAt(place).Insert(random.Next(book.Tags.Length), tag) },
            7 => book with { Segments = [.. book.Segments.Reverse()] },
            8 => book with { Segments = book.Segments.SetItem(0, book.Segments[0] with { Name = random.Next(2) == 0 ? null : Text(Pick("s", "S")), When = Text($"tag(a) and trait.age > {random.Next(5)}") }) },
            9 => Replace(tag with { Name = random.Next(2) == 0 ? null : Text(tag.Key.Text), Owner = Text(Pick("anna", "ben")) }),
            10 => Replace(tag with { Hold = random.Next(2) == 0 ? null : Text(Pick("7d", "14d")), Group = random.Next(2) == 0 ? null : Text("g") }),
            11 => book with { Tags = book.Tags.Add(When($"new-{book.Tags.Length}", RandomRules.Condition(random, 1))) },
            12 when !tag.Tiers.IsEmpty => Replace(tag with { Tiers = [.. tag.Tiers.Reverse()] }),
            _ => Replace(tag with
            {
                When = tag.When is { } condition ? Text(Tweaked(condition.Text, random)) : null,
                Value = tag.Value is { } value ? Text(Tweaked(value.Text, random)) : null,
                Tiers = [.. tag.Tiers.Select(tier => tier with { Condition = Text(Tweaked(tier.Condition.Text, random)) })],
            }),
        };

        string Pick(params string[] options) => options[random.Next(options.Length)];

        RulebookDefinition Replace(TagDefinition changed) => book with { Tags = book.Tags.SetItem(book.Tags.IndexOf(tag), changed) };
    }

    /// <summary>One word of it exchanged for a similar one, if it has such a one.</summary>
    private static string Tweaked(string text, Random random)
    {
        string[][] alike =
        [
            ["1h", "5h", "24h", "3d"], ["purchase", "browse", "interaction"], [" and ", " or "], [" >= ", " <= ", " > "], ["total", "tax"], ["exists(", "none("], ["sum(", "avg(", "max("],
            [" 1", " 2", " 3"], ["shoes", "hats"], ["this week", "last week", "today"],
        ];
        foreach (var words in alike.OrderBy(_ => random.Next()))
        {
            var found = words.FirstOrDefault(word => text.Contains(word, StringComparison.Ordinal));
            if (found is null)
                continue;
            var at = text.IndexOf(found, StringComparison.Ordinal);
            return text[..at] + words[random.Next(words.Length)] + text[(at + found.Length)..];
        }

        return text;
    }
}
