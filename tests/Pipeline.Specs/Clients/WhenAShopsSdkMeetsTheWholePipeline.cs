using TaggingPipeline.Pipeline.Specs.Processes;
using TaggingPipeline.ServiceDefaults.Settings;

namespace TaggingPipeline.Pipeline.Specs.Clients;

/// <summary>The real SDK for Node against a real server: from a call in a shop's code to a tag.</summary>
[Category("Node"), Category("Processes")]
public sealed class WhenAShopsSdkMeetsTheWholePipeline
{
    private const string Rulebook = """
        rulebook: sdk
        tags:
          - key: adult
            category: basic
            when: trait.age >= 18 and trait.城市 = "上海"
          - key: retailer
            category: basic
            when: trait.group.industry = "retail"
          - key: buyer
            category: value
            tiers: { big: sum(purchase.total) >= 99.9, small: exists(purchase) }
          - key: added-to-cart
            category: behaviour
            when: exists(interaction["Product Added"][price = 49.95])
          - key: looked
            category: interest
            when: exists(browse)
        """;

    [Test]
    public async Task The_tags_are_there()
    {
        await NodeShop.InstallAsync();
        using var folder = new TemporaryFolder();
        await using var server = HostProcess.Standalone(new Dictionary<string, string?>
        {
            ["Store"] = $"sqlite:{folder["tagging.db"]}",
            ["Rulebook"] = folder.Write("rulebook.yaml", Rulebook),
        });
        await server.StartAsync();

        var delivered = await NodeShop.RunAsync(new Uri(server.Url), TaggingSettings.DevelopmentWriteKey);

        Assert.That(delivered, Has.Length.EqualTo(14));
        foreach (var person in new[] { "ann", "bob" })
        {
            // The page was seen before the shop knew who it was; until identities are joined it belongs to the visitor.
            Assert.That(await Tracking.TagsAsync(server, person), Is.EqualTo(["adult", "retailer", "buyer", "added-to-cart", "looked"]));
            Assert.That(await Tracking.TagsAsync(server, $"visitor-{person}"), Is.EqualTo(["looked"]));
        }
    }
}
