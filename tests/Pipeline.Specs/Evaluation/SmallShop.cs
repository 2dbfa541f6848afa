using System.Text.Json;
using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

/// <summary>A rulebook of a few tags and events for it, for specs in which customers matter more than rules.</summary>
internal static class SmallShop
{
    /// <summary>When its specs take place.</summary>
    public static Instant Noon { get; } = Instant.FromUtc(2024, 5, 1, 12, 0);

    /// <summary>Every purchase changes <c>spent</c> and is told; <c>active</c> ends an hour after the last one; the segment uses the trait <c>city</c>.</summary>
    public static Rulebook Rulebook { get; } = Compile(
        "small-shop",
        [("spent", "sum(purchase.total)", IsCondition: false), ("active", "count(purchase, 1h) >= 1", IsCondition: true)]);

    /// <summary>The same customers by other measures.</summary>
    public static Rulebook OtherMeasures { get; } = Compile(
        "small-shop",
        [("dearest", "max(purchase.total)", IsCondition: false), ("spent", "sum(purchase.total)", IsCondition: false)]);

    /// <summary>Other rules over the measures of <see cref="Rulebook"/>.</summary>
    public static Rulebook SameMeasures { get; } = Compile(
        "small-shop",
        [("spent", "sum(purchase.total) * 2", IsCondition: false), ("active", "count(purchase, 1h) >= 1", IsCondition: true)]);

    /// <summary><c>active</c> ends a second after the last purchase.</summary>
    public static Rulebook ShortWindow { get; } = Compile("small-shop", [("active", "count(purchase, 1s) >= 1", IsCondition: true)]);

    /// <summary>Rules that depend on their own past: <c>active</c> is kept for at least 75 minutes, and <c>greeted</c> ends after 20.</summary>
    public static Rulebook WithAPast { get; } = Compile(
        "small-shop",
        [("spent", "sum(purchase.total)", IsCondition: false), ("active", "count(purchase, 1h) >= 1", IsCondition: true), ("greeted", "count(purchase, 1h) >= 1", IsCondition: true)],
        tag => tag.Key.Text switch { "active" => tag with { Hold = Text("75m") }, "greeted" => tag with { Expires = Text("20m") }, _ => tag });

    /// <param name="total">Different for every event, so that one which is missing or counted twice shows in the sum.</param>
    public static ShopEvent Purchase(string id, string customer, decimal total, Instant at) =>
        Event(id, customer, "purchase", "Order Completed", at, FormattableString.Invariant($$"""{"order_id": "{{customer}}-{{id}}", "total": {{total}}}"""));

    public static ShopEvent Profile(string id, string customer, string city, Instant at) =>
        Event(id, customer, "profile", "identify", at, $$"""{"city": "{{city}}"}""");

    private static ShopEvent Event(string id, string customer, string kind, string name, Instant at, string properties) => new()
    {
        EventId = id,
        CustomerId = customer,
        Kind = kind,
        Name = name,
        OccurredAt = at.ToDateTimeOffset(),
        ReceivedAt = Noon.ToDateTimeOffset(),
        UserId = customer,
        Properties = JsonDocument.Parse(properties).RootElement,
    };

    private static Rulebook Compile(string name, (string Key, string Text, bool IsCondition)[] tags, Func<TagDefinition, TagDefinition>? finish = null)
    {
        var definition = new RulebookDefinition
        {
            Name = Text(name),
            TimeZone = Text("UTC"),
            Events = [],
            Tags =
            [
                .. tags.Select(tag => new TagDefinition
                {
                    Key = Text(tag.Key),
                    Category = Text("behaviour"),
                    When = tag.IsCondition ? Text(tag.Text) : null,
                    Value = tag.IsCondition ? null : Text(tag.Text),
                }).Select(finish ?? (tag => tag)),
            ],
            Segments = [new(Text("parisians"), null, Text("trait.city = \"Paris\""))],
        };
        var compilation = Rulebook.Compile(definition);
        return compilation.Rulebook ?? throw new InvalidOperationException(string.Join(Environment.NewLine, compilation.Errors));
    }

    private static SourceText Text(string text) => new(text, new(1, 1));
}
