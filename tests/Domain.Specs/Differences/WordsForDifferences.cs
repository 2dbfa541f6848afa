using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Differences;
using TaggingPipeline.Domain.Specs.Naive;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Domain.Specs.Differences;

[TestFixture]
public sealed class WordsForDifferences
{
    private const string Shop = """
        rulebook: shop
        timezone: Europe/London
        currency: GBP
        rates: { USD: 0.8, EUR: 0.9 }
        events: { Order Placed: purchase }
        population: { every: 24h }
        tags:
          - { key: churn-risk, category: behaviour, when: "count(purchase, 365d) >= 2 and none(purchase, 60d)" }
          - { key: value-tier, category: value, tiers: { high: "sum(purchase.total, 365d) >= 1000", low: "count(purchase) >= 1" } }
          - { key: vip, name: VIP, category: value, manual: [gold, silver], owner: anna }
          - { key: liked, category: interest, value: "top(browse.category, 90d)", hold: 7d }
        segments:
          - { key: win-back, when: "tag(value-tier) in (high, low) and tag(churn-risk)" }
        """;

    [TestCase("none(purchase, 60d)", "none(purchase, 45d)", "churn-risk: window 60d → 45d")]
    [TestCase("high: \"sum(purchase.total, 365d) >= 1000\"", "high: \"sum(purchase.total, 365d) >= 1500\"", "value-tier.high: threshold 1000 → 1500")]
    [TestCase("2 and none(purchase, 60d)", "3 and none(purchase, 45d)", "churn-risk: threshold 2 → 3, window 60d → 45d")]
    [TestCase("none(purchase, 60d)", "none(purchase, last month)", "churn-risk: window 60d → last month")]
    [TestCase("none(purchase, 60d)", "exists(purchase, 60d)", "churn-risk: function none → exists")]
    [TestCase("2 and none", "2 or none", "churn-risk: operator and → or")]
    [TestCase("365d) >= 2", "365d) > 2", "churn-risk: operator >= → >")]
    [TestCase("none(purchase, 60d)", "none(browse, 60d)", "churn-risk: events purchase → browse")]
    [TestCase("sum(purchase.total, 365d)", "sum(purchase.tax, 365d)", "value-tier.high: field total → tax")]
    [TestCase("none(purchase, 60d)", "none(purchase[total > 5], 60d)", "churn-risk: `count(purchase, 365d) >= 2 and none(purchase, 60d)` → `count(purchase, 365d) >= 2 and none(purchase[total > 5], 60d)`")]
    [TestCase("none(purchase, 60d)", "none( purchase, 60d )", "churn-risk: written otherwise, and the same: `count(purchase, 365d) >= 2 and none(purchase, 60d)` → `count(purchase, 365d) >= 2 and none( purchase, 60d )`")]
    [TestCase("in (high, low) and tag(churn-risk)", "in (high) and tag(vip)", "segment win-back: options (high, low) → (high), tag churn-risk → vip")]
    [TestCase("in (high, low)", "not in (low, low)", "segment win-back: operator in → not in, value high → low")]
    [TestCase("Europe/London", "Europe/Paris", "timezone: Europe/London → Europe/Paris")]
    [TestCase("rulebook: shop", "rulebook: store", "name: shop → store")]
    [TestCase("USD: 0.8, EUR: 0.9", "USD: 0.85, JPY: 0.005", "rate USD: 0.8 → 0.85; rate JPY: added: 0.005; rate EUR: removed: 0.9")]
    [TestCase("Order Placed: purchase", "Order Placed: browse", "event Order Placed: purchase → browse")]
    [TestCase("every: 24h", "every: 12h", "population: 24h → 12h")]
    [TestCase("owner: anna", "description: Our best", "vip: description added: Our best; vip: owner removed: anna")]
    [TestCase("name: VIP", "name: Very important", "vip: name VIP → Very important")]
    [TestCase("hold: 7d", "hold: 14d, expires: 30d", "liked: hold 7d → 14d; liked: expires added: 30d")]
    [TestCase("[gold, silver]", "[gold]", "vip: by hand, `gold`, `silver` → by hand, `gold`")]
    [TestCase("value: \"top(browse.category, 90d)\"", "when: \"exists(browse)\"", "liked: value `top(browse.category, 90d)` → when `exists(browse)`")]
    [TestCase(", low: \"count(purchase) >= 1\"", "", "value-tier.low: removed: `count(purchase) >= 1`; segment win-back: options (high, low) → (high)")]
    [TestCase("key: liked", "key: loved", "loved: added: value `top(browse.category, 90d)`; liked: removed: value `top(browse.category, 90d)`")]
    public void Tell_what_was_changed(string before, string after, string expected)
    {
        var changed = Shop.Replace(before, after, StringComparison.Ordinal);
        if (!changed.Contains(", low:", StringComparison.Ordinal))
            changed = changed.Replace("in (high, low)", "in (high)", StringComparison.Ordinal);
        Assert.That(changed, Is.Not.EqualTo(Shop));
        Assert.That(RulebookFile.Compile(changed).Errors, Is.Empty);

        Assert.That(string.Join("; ", RulebookDifferences.Between(Parse(Shop), Parse(changed))), Is.EqualTo(expected));
    }

    [Test]
    public void Tell_the_kind_and_what_it_is_of()
    {
        var changed = Shop.Replace("key: win-back", "key: back", StringComparison.Ordinal).Replace("60d", "45d", StringComparison.Ordinal).Replace("Europe/London", "UTC", StringComparison.Ordinal);

        Assert.That(RulebookDifferences.Between(Parse(Shop), Parse(changed)).Select(each => (each.Kind, each.Of, each.Key)), Is.EqualTo(new[]
        {
            (DifferenceKind.Changed, DifferenceSubject.Rulebook, "timezone"),
            (DifferenceKind.Changed, DifferenceSubject.Tag, "churn-risk"),
            (DifferenceKind.Added, DifferenceSubject.Segment, "back"),
            (DifferenceKind.Removed, DifferenceSubject.Segment, "win-back"),
        }));
    }

    [Test]
    public void Tell_another_order()
    {
        var before = TestRulebooks.Define([TestRulebooks.When("a", "exists(browse)"), TestRulebooks.When("b", "exists(browse)"), TestRulebooks.Tiers("t", ("x", "exists(browse)"), ("y", "exists(purchase)"))]);
        var after = TestRulebooks.Define([TestRulebooks.When("b", "exists(browse)"), TestRulebooks.Tiers("t", ("y", "exists(purchase)"), ("x", "exists(browse)")), TestRulebooks.When("a", "exists(browse)")]);

        Assert.That(RulebookDifferences.Between(before, after).Select(each => each.Text), Is.EqualTo(new[] { "t: order of tiers: x, y → y, x", "order of tags: a, b, t → b, t, a" }));
    }

    [TestCase("docs/examples/web-shop.yaml")]
    [TestCase("docs/examples/bank.yaml")]
    public void Are_none_for_the_same_file(string path)
    {
        var definition = Parse(File.ReadAllText(Path.Combine(RepositoryRoot(), path)));
        Assert.That(RulebookDifferences.Between(definition, definition), Is.Empty);
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "TaggingPipeline.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }

    private static RulebookDefinition Parse(string yaml) => RulebookFile.Parse(yaml).Definition!;
}
