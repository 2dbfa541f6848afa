using System.Diagnostics;
using System.Globalization;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Specs.Language;

/// <summary>The parser's promise for texts that nobody thought of: a tree or errors within the text, never an exception.</summary>
public sealed class AnyTextWhatever
{
    private static readonly string[] Seeds =
    [
        "count(purchase) = 1 and since(first(purchase)) <= 30d",
        "sum(purchase[category = \"shoes\" and total > 100].total, 365d) >= 1000",
        "exists(interaction[\"Product Added\"], 3d) and none(purchase since last(interaction[\"Product Added\"]))",
        "last(browse.products.0.\"unit price\", 90d) if count(browse, 90d) >= 3 else 'none' if not trait.x else -1.50",
        "tag(value-tier) not in (high, 'mid\\u0064le', -5, 3d, true) and (trait.age - 18) * 2 / 3 != now",
        "days_between(first(purchase), last(purchase)) + round(avg(purchase.\"total\"), 2) > 7",
    ];

    private static readonly string[] Pieces =
    [
        "(", ")", "[", "]", ",", ".", "\"", "'", "\\", "-", "not ", " and ", " or ", " if ", " else ", " in ", " in (", "count(", "purchase", "tag(",
        " since ", "90d", "1.5", "_", "==", "!", "&&", "\n", "\0", "\ud83d", "\ude00", "𠀀", "“", "（", "é", "\u200b", "9999999999999999999999999999999",
    ];

    [Test]
    public void Gives_a_tree_or_errors_within_the_text()
    {
        var rounds = Environment.GetEnvironmentVariable("TAGGING_LONG") == "1" ? 2_000_000 : 60_000;
        var seed = int.Parse(Environment.GetEnvironmentVariable("TAGGING_SEED") ?? "20081", CultureInfo.InvariantCulture);
        TestContext.Out.WriteLine($"seed {seed}, {rounds} texts");
        var random = new Random(seed);
        for (var round = 0; round < rounds; round++)
        {
            var text = Mutate(Seeds[random.Next(Seeds.Length)], random);
            var parsed = Parser.Parse(text);
            if (parsed.Root is null == parsed.Errors.IsEmpty || parsed.Errors.Length > Parser.MostErrors
                || parsed.Errors.Any(error => error.Span.Start < 0 || error.Span.Length < 0 || error.Span.End > text.Length || error.Message.Length == 0))
                Assert.Fail($"{text}\n{string.Join('\n', parsed.Errors)}");
        }
    }

    [Test]
    public void Is_read_in_time_proportional_to_its_length()
    {
        var started = Stopwatch.GetTimestamp();
        foreach (var piece in Pieces)
        {
            var text = string.Concat(Enumerable.Repeat(piece, Parser.LongestText / piece.Length));
            for (var i = 0; i < 5; i++)
                Assert.That(Parser.Parse(text).Errors, Has.Length.LessThanOrEqualTo(Parser.MostErrors));
        }

        // About fifty times what it takes on a slow machine: enough room for a busy one, too little for a parser that goes over the text again and again.
        Assert.That(Stopwatch.GetElapsedTime(started), Is.LessThan(TimeSpan.FromSeconds(30)));
    }

    private static string Mutate(string text, Random random)
    {
        for (var changes = random.Next(1, 6); changes > 0; changes--)
        {
            var at = random.Next(text.Length + 1);
            var length = Math.Min(random.Next(1, 12), text.Length - at);
            text = random.Next(4) switch
            {
                0 => text.Insert(at, Pieces[random.Next(Pieces.Length)]),
                1 => text.Remove(at, length),
                2 => text.Insert(random.Next(text.Length + 1), text.Substring(at, length)),
                _ => at == text.Length ? text : text.Remove(at, 1).Insert(at, ((char)random.Next(32, 127)).ToString()),
            };
        }

        return text;
    }
}
