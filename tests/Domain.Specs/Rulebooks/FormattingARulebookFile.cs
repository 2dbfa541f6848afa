using System.Globalization;
using System.Text.RegularExpressions;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Domain.Specs.Language;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Domain.Specs.Rulebooks;

public sealed partial class FormattingARulebookFile
{
    private static IEnumerable<string> Documented =>
        Directory.GetFiles(Path.Combine(ExamplesInTheDocumentation.Docs, "examples"), "*.yaml").Select(File.ReadAllText)
            .Concat(Fences().Matches(File.ReadAllText(Path.Combine(ExamplesInTheDocumentation.Docs, "rules.md"))).Select(match => match.Groups[1].Value))
            .Select(yaml => yaml.Contains("rulebook:", StringComparison.Ordinal) ? yaml : $"rulebook: x\n{yaml}")
            .Where(yaml => RulebookFile.Compile(yaml).Rulebook is not null);

    [Test]
    public void Puts_indentation_blanks_and_empty_lines_in_order()
    {
        const string Sloppy = """


            # The shop.
            rulebook:   shop   # its name


            tags:
            # value
            - key:   tier
              category:  value   
              # the best first
              tiers:
                   high:   sum(purchase.total,365d)>=1000
                   middle: sum( purchase.total, 365d ) >= 250

                   # everybody else
                   low:    count (purchase)>=1
              # of the tag
            -   key: quiet
                category: behaviour
                when: |
                     count(purchase,365d)>=2
                       and none(purchase,60d)


            segments:
              - { key: back, when: 'tag( tier )in(high,middle)and tag(quiet)' }
            # end

            """;
        const string Tidy = """
            # The shop.
            rulebook: shop   # its name

            tags:
              # value
              - key: tier
                category: value
                # the best first
                tiers:
                  high:   sum(purchase.total, 365d) >= 1000
                  middle: sum(purchase.total, 365d) >= 250

                  # everybody else
                  low:    count(purchase) >= 1
                # of the tag
              - key: quiet
                category: behaviour
                when: |
                  count(purchase, 365d) >= 2
                    and none(purchase, 60d)

            segments:
              - { key: back, when: 'tag(tier) in (high, middle) and tag(quiet)' }
            # end

            """;
        Assert.That(RulebookFormat.Format(Sloppy).Text, Is.EqualTo(Tidy));
    }

    [Test]
    public void Refuses_a_file_with_errors_and_tells_them()
    {
        var (text, errors) = RulebookFormat.Format("rulebook: x\ntags:\n  - { key: a, category: value, when: count(purchse) > 1 }\n");

        Assert.Multiple(() =>
        {
            Assert.That(text, Is.Null);
            Assert.That(errors.Single().ToString(), Does.StartWith("3:").And.Contain("`purchase`"));
        });
    }

    [TestCase("? rulebook\n: x\n")]
    public void Refuses_a_form_that_it_does_not_know_rather_than_spoil_it(string yaml) =>
        Assert.That(RulebookFormat.Format(yaml), Is.EqualTo(((string?)null, RulebookFormat.Format(yaml).Errors)));

    [TestCase("rulebook: x\r\ntags:\r\n- key: a\r\n  category: value\r\n  value: >+\r\n    count(purchase)\r\n\r\n", TestName = "Windows line ends")]
    [TestCase("\uFEFFrulebook: x", TestName = "A byte order mark, no line end")]
    [TestCase("--- # start\nrulebook: x\n...\n", TestName = "Marks of a document")]
    [TestCase("rulebook: \"a\n\n   b \\\n  c\"\n", TestName = "Text over several lines in quotes")]
    [TestCase("rulebook: a\n\n\n   b\n", TestName = "Plain text over several lines")]
    [TestCase("rulebook: x\ntags:\n  -\n    # first\n    key: a\n    category: value\n    when: |4\n          trait.a\n         and trait.b\n", TestName = "A block with its indentation given")]
    [TestCase("rulebook: x\ntags: [\n  { key: a, # first\n   category: value,\n when: trait.a=1 }\n  ]\n", TestName = "Braces over several lines")]
    [TestCase("rulebook: x\ntags:\n  - key: a\n    category: value\n    when: \"trait.a=\\u0022x\\u0022\"\n", TestName = "Escapes that are left")]
    public void Keeps_what_the_file_says_in_every_form(string yaml) => Verify(yaml);

    [TestCaseSource(nameof(Documented))]
    public void Keeps_what_the_documented_rulebooks_say(string yaml) => Verify(yaml);

    [Test]
    public void Keeps_what_random_rulebooks_say()
    {
        var rounds = Environment.GetEnvironmentVariable("TAGGING_LONG") == "1" ? 50_000 : 2_000;
        var seed = int.Parse(Environment.GetEnvironmentVariable("TAGGING_SEED") ?? "1123", CultureInfo.InvariantCulture);
        TestContext.Out.WriteLine($"seed {seed}, {rounds} rulebooks");
        var random = new Random(seed);
        for (var round = 0; round < rounds; round++)
            Verify(new SloppyRulebook(random).Write());
    }

    private static void Verify(string yaml)
    {
        var (formatted, errors) = RulebookFormat.Format(yaml);
        if (formatted is null)
            Assert.Fail($"{yaml}\n{string.Join('\n', errors)}");
        var again = RulebookFormat.Format(formatted!).Text;
        if (again != formatted || !Said(formatted!).SequenceEqual(Said(yaml)) || !Comments(formatted!).SequenceEqual(Comments(yaml)))
            Assert.Fail($"before:\n{yaml}\nafter:\n{formatted}\nagain:\n{again}");
    }

    /// <summary>Names, keys, and expressions as trees.</summary>
    private static IEnumerable<string> Said(string yaml)
    {
        var rulebook = RulebookFile.Parse(yaml).Definition!;
        yield return $"{rulebook.Name.Text} {rulebook.TimeZone.Text}";
        foreach (var tag in rulebook.Tags)
        {
            yield return $"{tag.Key.Text} {tag.Name?.Text} {tag.Category.Text} {TreeOf(tag.When)} {TreeOf(tag.Value)}";
            foreach (var tier in tag.Tiers)
                yield return $"{tier.Name.Text} {TreeOf(tier.Condition)}";
        }

        foreach (var segment in rulebook.Segments)
            yield return $"{segment.Key.Text} {segment.Name?.Text} {TreeOf(segment.When)}";
    }

    private static string TreeOf(SourceText? expression) => expression is null ? "" : TreeText.Of(Parser.Parse(expression.Text).Root);

    private static IEnumerable<string> Comments(string yaml) => Comment().Matches(yaml).Select(match => match.Value.TrimEnd());

    [GeneratedRegex("#.*")]
    private static partial Regex Comment();

    [GeneratedRegex("^```yaml\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fences();
}
