namespace TaggingPipeline.Pipeline.Specs.Evaluation;

/// <summary>Versions of one rulebook, as they are published, over the events of <see cref="SmallShop"/>.</summary>
internal static class PublishedShop
{
    public const string First = """
        rulebook: small-shop
        tags:
          - { key: spent, category: behaviour, value: sum(purchase.total) }
          - { key: active, category: behaviour, when: "count(purchase, 1h) >= 1" }
        segments:
          - { key: parisians, when: trait.city = "Paris" }
        """;

    /// <summary>Other rules over the measures of <see cref="First"/>.</summary>
    public static string SameMeasures { get; } = First.Replace("sum(purchase.total)", "sum(purchase.total) * 2", StringComparison.Ordinal);

    /// <summary>Needs a measure that <see cref="First"/> does not keep.</summary>
    public static string OtherMeasures { get; } = First.Replace("sum(purchase.total)", "max(purchase.total)", StringComparison.Ordinal);

    /// <summary>The tag <c>active</c> is kept for at least 75 minutes: what it came to is journaled.</summary>
    public static string WithHold { get; } = First.Replace("\"count(purchase, 1h) >= 1\"", "\"count(purchase, 1h) >= 1\", hold: 75m", StringComparison.Ordinal);
}
