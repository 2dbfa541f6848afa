using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Domain.Specs.Rulebooks;

public sealed class WhatASegmentIsMadeOf
{
    private const string Shop = """
        rulebook: shop
        tags:
          - { key: spent, category: value, value: sum(purchase.total) }
          - { key: vip, category: value, when: tag(spent) >= 100, hold: 2d }
          - { key: gold, category: value, when: count(purchase) >= 9, group: tier }
          - { key: silver, category: value, when: count(purchase) >= 3, group: tier }
          - { key: other, category: basic, when: exists(browse) }
        segments:
          - { key: vips, when: tag(vip) }
          - { key: silvers, when: tag(silver) }
          - { key: golds, when: tag(gold) }
          - { key: both, when: segment(vips) and segment(silvers) }
          - { key: others, when: tag(other) }
        """;

    [TestCase("key: other, category: basic", "key: other, name: Other, category: basic", "others")]
    [TestCase("sum(purchase.total)", "max(purchase.total)", "vips both")]
    [TestCase("hold: 2d", "hold: 3d", "vips both")]
    [TestCase("count(purchase) >= 9", "count(purchase) >= 8", "silvers golds both")]
    [TestCase("count(purchase) >= 3", "count(purchase) >= 2", "silvers golds both", Description = "One assigned by hand decides about all tags of its group")]
    [TestCase("when: tag(silver)", "when: not tag(silver)", "silvers both")]
    [TestCase("rulebook: shop", "rulebook: shop\ntimezone: Europe/Paris", "vips silvers golds both others")]
    public void A_change_is_of_every_segment_that_it_may_reach(string before, string after, string reached)
    {
        var (one, other) = (RulebookFile.Compile(Shop), RulebookFile.Compile(Shop.Replace(before, after, StringComparison.Ordinal)));

        var differ = one.Rulebook!.Segments.Zip(other.Rulebook!.Segments).Where(pair => !pair.First.IsWrittenAs(pair.Second)).Select(pair => pair.First.Key);

        Assert.That(string.Join(' ', differ), Is.EqualTo(reached));
    }
}
