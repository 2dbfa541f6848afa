namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>Rules under which the made-up shop's customers change tags and segments often.</summary>
public static class LoadRulebook
{
    public const string Text = """
        rulebook: load
        timezone: Europe/London
        tags:
          - key: value-tier
            category: value
            tiers:
              high: sum(purchase.total) >= 2000
              middle: sum(purchase.total, 45d) >= 500
              low: count(purchase) >= 1
          - key: spent
            category: value
            value: sum(purchase.total)
          - key: browser
            category: behaviour
            when: count(browse, 30d) >= 3
          - key: dearest
            category: interest
            value: max(browse.price)
          - key: undecided
            category: behaviour
            when: exists(interaction["Product Added"], 20d) and none(purchase, 20d)
          - key: senior
            category: basic
            when: trait.age >= 60
        segments:
          - key: valued
            when: tag(value-tier) in (high, middle)
          - key: paying-seniors
            when: tag(senior) and trait.plan = "paid"
        """;
}
