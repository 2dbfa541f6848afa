using System.Text.Json;
using TaggingPipeline.Contracts;

namespace TaggingPipeline.Processing.Events;

/// <summary>Why an event cannot be accepted.</summary>
/// <param name="Code">Short and stable.</param>
/// <param name="Reason">What is wrong and where, for a person to read.</param>
public sealed record Rejection(string Code, string Reason);

/// <summary>What every event must satisfy, whichever way it came.</summary>
public static class EventCheck
{
    public const int MaxEventIdLength = 100;
    public const int MaxCustomerIdLength = 200;
    public const int MaxNameLength = 200;
    public const int MaxDepth = 32;

    private static readonly DateTimeOffset Earliest = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The first thing wrong with it, or null.</summary>
    public static Rejection? Reject(ShopEvent shopEvent)
    {
        if (string.IsNullOrEmpty(shopEvent.EventId) || shopEvent.EventId.Length > MaxEventIdLength)
            return new("bad-event-id", $"eventId: must have 1 to {MaxEventIdLength} characters");
        if (string.IsNullOrEmpty(shopEvent.CustomerId) || shopEvent.CustomerId.Length > MaxCustomerIdLength)
            return new("bad-customer-id", $"customerId: must have 1 to {MaxCustomerIdLength} characters");
        if (shopEvent.Name is null || shopEvent.Name.Length > MaxNameLength)
            return new("bad-name", $"name: must have at most {MaxNameLength} characters");
        if (!EventMapping.Kinds.Contains(shopEvent.Kind))
            return new("bad-kind", $"kind: must be one of {string.Join(", ", EventMapping.Kinds)}");
        if (shopEvent.OccurredAt < Earliest || shopEvent.OccurredAt >= Latest)
            return new("bad-instant", $"occurredAt: {shopEvent.OccurredAt:O} lies outside the years 1900 to 2199");
        if (shopEvent.Properties is not { } properties)
            return null;
        if (properties.ValueKind != JsonValueKind.Object)
            return new("bad-properties", "properties: must be an object");
        return RejectValue("properties", properties, 1);
    }

    private static Rejection? RejectValue(string path, JsonElement element, int depth)
    {
        if (depth > MaxDepth)
            return new("too-deep", $"{path}: nested more than {MaxDepth} levels deep");
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    if (RejectValue($"{path}.{property.Name}", property.Value, depth + 1) is { } inProperty)
                        return inProperty;
                }

                return null;
            case JsonValueKind.Array:
                var position = 0;
                foreach (var item in element.EnumerateArray())
                {
                    if (RejectValue($"{path}[{position++}]", item, depth + 1) is { } inItem)
                        return inItem;
                }

                return null;
            case JsonValueKind.Number when !element.TryGetDecimal(out _):
                return new("bad-number", $"{path}: the number lies outside ±7.9e28");
            default:
                return null;
        }
    }
}
