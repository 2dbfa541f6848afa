using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Pipeline.Specs.Bus;

/// <summary>Messages whose content is easily lost on the way: digits of decimals, names that differ by case, nulls, nesting.</summary>
internal static class Messages
{
    public static readonly DateTimeOffset Noon = new(2024, 5, 1, 12, 0, 0, 123, TimeSpan.Zero);

    public static EventBatch Batch(params string[] ids) => new() { Events = [.. ids.Select(id => Event(id))] };

    public static ShopEvent Event(string id, string name = "Order Completed") => new()
    {
        EventId = id,
        CustomerId = "anna",
        Kind = "purchase",
        Name = name,
        OccurredAt = Noon,
        ReceivedAt = Noon,
        UserId = "anna",
        Properties = Json("""
            {"total": 19.90, "tiny": 0.0000000000000000000000000001, "large": 79228162514264337593543950335, "Total": 1, "text": "naïve <b> 新客户 \" 𝄞",
             "at": "2024-05-01T12:00:00Z", "none": null, "products": [{"price": 1.10, "deep": [[[{"a": {}}]]]}]}
            """),
        Context = Json("""{"page": {"url": "https://shop.example/?a=1&b=2"}}"""),
    };

    public static TagsChangedBatch Changes() => new() { Customers = [Anna] };

    private static TagsChanged Anna => new()
    {
        CustomerId = "anna",
        Revision = 3,
        Sequence = 2,
        DecidedAt = Noon,
        Cause = "event",
        Rulebook = "shop@1",
        Changes =
        [
            new()
            {
                Id = "anna:tag:2",
                Sequence = 2,
                KeySequence = 1,
                Key = "spent",
                Category = "value",
                Value = Json("12.50"),
                At = Noon,
                Cause = "event",
                Rulebook = "shop@1",
                ChangesAt = Noon.AddDays(1),
                Reason = new() { Text = "why", Clauses = [new() { Text = "clause", Actual = Json("1.0"), Holds = true }], Events = ["a"] },
            },
        ],
        Tags = [new() { Key = "spent", Category = "value", Value = Json("12.50"), Since = Noon }],
        Traits = new Dictionary<string, JsonElement> { ["age"] = Json("41.0"), ["Age"] = Json("\"old\""), ["address"] = Json("""{"City": "Paris", "city": "Lyon"}""") },
    };

    public static string Text<T>(T message) => JsonSerializer.Serialize(message, ContractsJson.Options);

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
