using System.Globalization;
using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Pipeline.Specs.Evaluation;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Previews;

/// <summary>Customers and rulebooks of a shop, by chance: rulebooks that differ in windows, thresholds, tags and segments.</summary>
internal static class RandomShop
{
    private static readonly string[] Cities = ["Paris", "Lyon"];

    public static ShopEvent[] EventsOf(string customer, Random random, Instant until)
    {
        var events = Enumerable.Range(0, random.Next(1, 6))
            .Select(number => SmallShop.Purchase($"p{number}", customer, random.Next(1, 60), until - Duration.FromMinutes(random.Next(0, 3_000))));
        return random.Next(2) == 0 ? [.. events] : [.. events, SmallShop.Profile("city", customer, Cities[random.Next(Cities.Length)], until)];
    }

    public static Rulebook Rulebook(Random random)
    {
        List<string> tags =
        [
            $$$"""{key: spent, category: value, value: "sum(purchase.total, {{{random.Next(10, 50)}}}h)"}""",
            $$$"""{key: tier, category: value, tiers: {high: "sum(purchase.total) >= {{{random.Next(30, 120)}}}", low: "count(purchase) >= {{{random.Next(1, 3)}}}"}}""",
        ];
        if (random.Next(4) > 0)
            tags.Add($$$"""{key: buyer, category: behaviour, when: "count(purchase, {{{random.Next(1, 3) * 10}}}h) >= {{{random.Next(1, 3)}}}"}""");
        if (random.Next(4) > 0)
            tags.Add($$$"""{key: calm, category: behaviour, when: "none(purchase, {{{random.Next(5, 30)}}}h)"}""");
        if (random.Next(3) == 0)
            tags.Add("""{key: greeted, category: behaviour, when: "count(purchase, 30h) >= 1", expires: 20h}""");
        List<string> segments = [$$$"""{key: good, when: "tag(tier) = {{{(random.Next(2) == 0 ? "high" : "low")}}}"}"""];
        if (random.Next(3) > 0)
            segments.Add("""{key: parisians, when: "trait.city = \"Paris\" and tag(tier)"}""");
        if (random.Next(3) > 0)
            segments.Add(string.Create(CultureInfo.InvariantCulture, $$$"""{key: spenders, when: "tag(spent) > {{{random.Next(20, 60)}}}"}"""));
        var compilation = RulebookFile.Compile(
            $"rulebook: random\ntags:\n{string.Concat(tags.Select(tag => $"  - {tag}\n"))}segments:\n{string.Concat(segments.Select(segment => $"  - {segment}\n"))}");
        return compilation.Rulebook ?? throw new InvalidOperationException(string.Join(Environment.NewLine, compilation.Errors));
    }
}
