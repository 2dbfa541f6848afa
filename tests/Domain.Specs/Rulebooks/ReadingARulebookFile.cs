using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Domain.Specs.Rulebooks;

public sealed class ReadingARulebookFile
{
    private const string Demo = """
        # The shop's rules.
        rulebook: demo-shop
        timezone: Europe/London           # whose calendar "days" are
        events:
          Order Placed: purchase
          "Newsletter: opened": interaction
        tags:
          - key: new-customer
            name: 新客户
            category: behaviour
            when: count(purchase) = 1 and since(first(purchase)) <= 30d
          - key: value-tier
            category: value
            tiers:
              high:   sum(purchase.total, 365d) >= 1000
              middle: sum(purchase.total, 365d) >= 250
              low:    count(purchase) >= 1
          - key: favourite
            category: interest
            value: last(browse.category, 90d) if count(browse, 90d) >= 3
          - key: age-group
            category: basic
            tiers: { senior: trait.age >= 60, adult: "trait.age >= 18" }
        segments:
          - key: win-back
            name: "Win \"them\" back"
            when: tag(value-tier) in (high, middle)
        """;

    [Test]
    public void Gives_names_zone_and_events()
    {
        var definition = Definition(Demo);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((definition.Name.Text, definition.Name.At), Is.EqualTo(("demo-shop", new SourcePosition(2, 11))));
            Assert.That((definition.TimeZone.Text, definition.TimeZone.At), Is.EqualTo(("Europe/London", new SourcePosition(3, 11))));
            Assert.That(definition.Events.Select(item => $"{item.Name.Text}@{item.Name.At}={item.Kind.Text}@{item.Kind.At}"),
                Is.EqualTo(new[] { "Order Placed@5:3=purchase@5:17", "Newsletter: opened@6:4=interaction@6:25" }));
        }
    }

    [Test]
    public void Gives_tags_in_the_order_of_the_file()
    {
        var tags = Definition(Demo).Tags;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tags.Select(tag => (tag.Key.Text, tag.Name?.Text, tag.Category.Text)), Is.EqualTo(new[]
            {
                ("new-customer", "新客户", "behaviour"), ("value-tier", null, "value"), ("favourite", null, "interest"), ("age-group", null, "basic"),
            }));
            Assert.That((tags[0].When?.Text, tags[0].When?.At), Is.EqualTo(("count(purchase) = 1 and since(first(purchase)) <= 30d", new SourcePosition(11, 11))));
            Assert.That(tags[2].Value?.Text, Is.EqualTo("last(browse.category, 90d) if count(browse, 90d) >= 3"));
            Assert.That((tags[0].Value, tags[0].Tiers.Length, tags[1].When), Is.EqualTo(((SourceText?)null, 0, (SourceText?)null)));
        }
    }

    [Test]
    public void Gives_tiers_in_the_order_of_the_file_in_both_styles()
    {
        var tags = Definition(Demo).Tags;
        Assert.That(tags.SelectMany(tag => tag.Tiers).Select(tier => $"{tier.Name.Text}@{tier.Name.At}: {tier.Condition.Text}@{tier.Condition.At}"), Is.EqualTo(new[]
        {
            "high@15:7: sum(purchase.total, 365d) >= 1000@15:15",
            "middle@16:7: sum(purchase.total, 365d) >= 250@16:15",
            "low@17:7: count(purchase) >= 1@17:15",
            "senior@23:14: trait.age >= 60@23:22",
            "adult@23:39: trait.age >= 18@23:47",
        }));
    }

    [Test]
    public void Gives_segments()
    {
        var segment = Definition(Demo).Segments.Single();
        Assert.That((segment.Key.Text, segment.Name?.Text, segment.When.Text), Is.EqualTo(("win-back", "Win \"them\" back", "tag(value-tier) in (high, middle)")));
    }

    [TestCase("rulebook: x")]
    [TestCase("rulebook: x\ntags:\nsegments: ~\nevents: null\n")]
    [TestCase("rulebook: x\ntags: []\nsegments: []\nevents: {}")]
    [TestCase("{rulebook: x}")]
    [TestCase("---\nrulebook: x\n...\n")]
    [TestCase("\uFEFFrulebook: x\r\n")]
    public void Takes_what_is_optional_as_empty(string yaml)
    {
        var definition = Definition(yaml);
        Assert.That((definition.Name.Text, definition.TimeZone.Text, definition.Tags.Length + definition.Segments.Length + definition.Events.Length), Is.EqualTo(("x", "UTC", 0)));
    }

    [Test]
    public async Task Gives_the_same_from_a_file()
    {
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{nameof(Gives_the_same_from_a_file)}.yaml");
        await File.WriteAllTextAsync(path, Demo);
        var loaded = await RulebookFile.LoadAsync(path, CancellationToken.None);
        Assert.That(loaded.Errors, Is.Empty);
        Assert.That(loaded.Rulebook!.Version, Is.EqualTo(RulebookFile.Compile(Demo).Rulebook!.Version));
    }

    private static RulebookDefinition Definition(string yaml)
    {
        var (definition, errors) = RulebookFile.Parse(yaml);
        Assert.That(errors, Is.Empty);
        return definition!;
    }
}
