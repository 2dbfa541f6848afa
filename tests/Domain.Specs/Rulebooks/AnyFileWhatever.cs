using System.Collections.Immutable;
using System.Globalization;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Domain.Specs.Rulebooks;

/// <summary>The promise for files that nobody thought of: a definition or errors with a place in the file, never an exception.</summary>
public sealed class AnyFileWhatever
{
    private const string Seed = """
        rulebook: demo-shop # comment
        timezone: "Europe/London"
        events: { Order Placed: purchase, 'It''s': browse }
        tags:
          - key: new-customer
            category: behaviour
            when: count(purchase) = 1 and
              since(first(purchase)) <= 30d
          - key: value-tier
            name: "新\u5ba2户 \"x\" \
              y"
            category: value
            tiers:
              high: >-
                sum(purchase.total, 365d)

                >= 1000
              low: |
                count(purchase)
                  >= 1
        segments:
        - key: win-back
          when: 'tag(value-tier) in (high, ''middle'')'
        """;

    private static readonly string[] Pieces =
    [
        "\n", "\r\n", "\r", "\t", "  ", ": ", ":", "- ", "? ", "# ", " #", "[", "]", "{", "}", ",", "\"", "'", "''", "\\", "\\x", "\\u00", "\\U0010FFFF", "\\UFFFFFFFF",
        "&a ", "*a", "!x ", "!!str ", "! ", "!<", "|\n", ">+2\n", "|9", "---\n", "...\n", "%YAML 1.2\n", "%TAG ! x\n", "%", "@", "`", "~", "null", "<<: *a",
        "\uFEFF", "\u0085", "\u2028", "\0", "\ud83d", "\U0001F600", "\u00a0", "\ud800",
    ];

    [Test]
    public void Gives_a_definition_or_errors_within_the_file()
    {
        var rounds = Environment.GetEnvironmentVariable("TAGGING_LONG") == "1" ? 200_000 : 4_000;
        var seed = int.Parse(Environment.GetEnvironmentVariable("TAGGING_SEED") ?? "20082", CultureInfo.InvariantCulture);
        TestContext.Out.WriteLine($"seed {seed}, {rounds} files");
        var random = new Random(seed);
        for (var round = 0; round < rounds; round++)
        {
            var yaml = Mutate(Seed, random);
            var lines = yaml.ReplaceLineEndings("\n").Split('\n').Length;
            RulebookDefinition? definition = null;
            ImmutableArray<RulebookError> errors = [];
            Assert.That(() => (definition, errors) = RulebookFile.Parse(yaml), Throws.Nothing, yaml);
            if (definition is null == (errors.IsEmpty) || errors.Any(error => !IsWithin(error.At, lines, yaml.Length)))
                Assert.Fail($"{yaml}\n{string.Join('\n', errors)}");
            if (definition is not null && TextsOf(definition).Any(text => !IsWithin(text.PositionOf(text.Text.Length), lines, yaml.Length)))
                Assert.Fail(yaml);
        }
    }

    [TestCase("[")]
    [TestCase("{a: ")]
    [TestCase("- ")]
    [TestCase("? ")]
    [TestCase("\"")]
    [TestCase("a: b\n")]
    [TestCase("&a ")]
    [TestCase("*a ")]
    [TestCase("---\n")]
    [TestCase(" ")]
    [TestCase("a\n")]
    [TestCase("[]\n")]
    [TestCase("\n- ")]
    [TestCase(": ")]
    [TestCase("%x\n")]
    [TestCase("|")]
    [TestCase("!")]
    [CancelAfter(60_000)]
    public void Repeated_to_a_megabyte_is_an_error_in_time(string piece)
    {
        var yaml = string.Concat(Enumerable.Repeat(piece, RulebookFile.LargestSize / piece.Length));
        Assert.That(RulebookFile.Parse(yaml).Errors, Is.Not.Empty);
    }

    private static bool IsWithin(SourcePosition at, int lines, int length) =>
        at.Line >= 1 && at.Column >= 1 && at.Line <= lines + 1 && at.Column <= length + 1;

    private static IEnumerable<SourceText> TextsOf(RulebookDefinition definition) =>
        definition.Tags.SelectMany(tag => tag.Tiers.Select(tier => tier.Condition).Append(tag.When).Append(tag.Value))
            .Concat(definition.Segments.Select(segment => segment.When)).OfType<SourceText>();

    private static string Mutate(string text, Random random)
    {
        for (var changes = random.Next(1, 5); changes > 0; changes--)
        {
            var at = random.Next(text.Length + 1);
            var length = Math.Min(random.Next(1, 30), text.Length - at);
            text = random.Next(4) switch
            {
                0 or 1 => text.Insert(at, Pieces[random.Next(Pieces.Length)]),
                2 => text.Remove(at, length),
                _ => text.Insert(random.Next(text.Length + 1), text.Substring(at, length)),
            };
        }

        return text;
    }
}
