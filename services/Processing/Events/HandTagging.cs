using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Processing.Events;

/// <summary>What somebody did to a tag by hand, as an event.</summary>
public static class HandTagging
{
    public const int MaxKeyLength = 100;
    public const int MaxValueLength = 200;
    public const int MaxByLength = 200;
    public const int MaxReasonLength = 1_000;

    /// <summary>The event. Others of the customer do not matter to it, nor does the order in which they arrive: of two for one tag the later one counts.</summary>
    /// <param name="action">One of those of <see cref="TagEvents"/>.</param>
    /// <param name="value">Missing but for <see cref="TagEvents.Assigned"/>.</param>
    public static ShopEvent Event(string eventId, string customer, string tag, string action, Value value, string by, string reason, DateTimeOffset at) => new()
    {
        EventId = eventId,
        CustomerId = customer,
        Kind = EventMapping.Tag,
        Name = action switch { TagEvents.Assigned => "Tag Assigned", TagEvents.Removed => "Tag Removed", _ => "Tag Released" },
        OccurredAt = at,
        ReceivedAt = at,
        Properties = ValueJson.ToElement(Value.Of(PropertyBag.Of(
            (TagEvents.Tag, Value.Of(tag)), (TagEvents.Action, Value.Of(action)), (TagEvents.Value, value), (TagEvents.By, Value.Of(by)), (TagEvents.Reason, Value.Of(reason))))),
    };

    /// <summary>The first thing wrong with the properties of such an event, or null.</summary>
    internal static Rejection? Reject(JsonElement? properties)
    {
        if (TextOf(properties, TagEvents.Tag) is not { Length: > 0 and <= MaxKeyLength })
            return new("bad-tag", $"properties.tag: must have 1 to {MaxKeyLength} characters");
        var action = TextOf(properties, TagEvents.Action);
        if (action is not (TagEvents.Assigned or TagEvents.Removed or TagEvents.Released))
            return new("bad-tag", $"properties.action: must be {TagEvents.Assigned}, {TagEvents.Removed} or {TagEvents.Released}");
        if (action == TagEvents.Assigned && !IsValue(properties))
            return new("bad-tag", $"properties.value: must be true, a number, or text of 1 to {MaxValueLength} characters");
        if (TextOf(properties, TagEvents.By) is not { Length: > 0 and <= MaxByLength })
            return new("bad-tag", $"properties.by: must have 1 to {MaxByLength} characters");
        return TextOf(properties, TagEvents.Reason) is { Length: > 0 and <= MaxReasonLength }
            ? null
            : new("bad-tag", $"properties.reason: must have 1 to {MaxReasonLength} characters");
    }

    private static bool IsValue(JsonElement? properties) =>
        properties is { } given && given.TryGetProperty(TagEvents.Value, out var value)
        && (value.ValueKind is JsonValueKind.True or JsonValueKind.Number || value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= MaxValueLength });

    private static string? TextOf(JsonElement? properties, string name) =>
        properties is { } given && given.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
