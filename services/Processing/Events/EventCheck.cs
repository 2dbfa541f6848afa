using System.Runtime.InteropServices;
using System.Text;
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

    /// <summary>Of properties, context and integrations each, as JSON.</summary>
    public const int MaxObjectBytes = 1024 * 1024;

    /// <summary>The first instant that an event may have happened at.</summary>
    public static DateTimeOffset Earliest { get; } = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The first instant that is too late for an event.</summary>
    public static DateTimeOffset Latest { get; } = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The first thing wrong with it, or null.</summary>
    public static Rejection? Reject(ShopEvent shopEvent)
    {
        if (string.IsNullOrEmpty(shopEvent.EventId) || shopEvent.EventId.Length > MaxEventIdLength)
            return new("bad-event-id", $"eventId: must have 1 to {MaxEventIdLength} characters");
        if (shopEvent.EventId.StartsWith(AssignmentEvents.ReservedIds, StringComparison.Ordinal))
            return new("bad-event-id", $"eventId: must not begin with `{AssignmentEvents.ReservedIds}`, as the pipeline's own do");
        if (string.IsNullOrEmpty(shopEvent.CustomerId) || shopEvent.CustomerId.Length > MaxCustomerIdLength)
            return new("bad-customer-id", $"customerId: must have 1 to {MaxCustomerIdLength} characters");
        if (shopEvent.Name is null || shopEvent.Name.Length > MaxNameLength)
            return new("bad-name", $"name: must have at most {MaxNameLength} characters");
        if (shopEvent.Kind != EventMapping.Tag && !EventMapping.Kinds.Contains(shopEvent.Kind))
            return new("bad-kind", $"kind: must be one of {string.Join(", ", EventMapping.Kinds)}");
        if (shopEvent.OccurredAt < Earliest || shopEvent.OccurredAt >= Latest)
            return new("bad-instant", $"occurredAt: {shopEvent.OccurredAt:O} lies outside the years 1900 to 2199");
        return RejectObject("properties", shopEvent.Properties)
            ?? RejectObject("context", shopEvent.Context)
            ?? RejectObject("integrations", shopEvent.Integrations)
            ?? (shopEvent.Kind == EventMapping.Tag ? HandTagging.Reject(shopEvent.Properties) : null);
    }

    private static Rejection? RejectObject(string field, JsonElement? given)
    {
        if (given is not { } element)
            return null;
        if (element.ValueKind != JsonValueKind.Object)
            return new($"bad-{field}", $"{field}: must be an object");
        var json = JsonMarshal.GetRawUtf8Value(element);
        if (json.Length > MaxObjectBytes)
            return new("too-large", $"{field}: has more than {MaxObjectBytes} bytes");
        if (JsonText.FirstFault(json) is { } position)
            return new("bad-text", $"{field}: the text is not valid Unicode at byte {position}");
        return FindFault(element, 1)?.In(field);
    }

    private static Fault? FindFault(JsonElement element, int depth)
    {
        if (depth > MaxDepth)
            return new("too-deep", $"nested more than {MaxDepth} levels deep");
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    if (FindFault(property.Value, depth + 1) is { } inProperty)
                        return inProperty.Under($".{property.Name}");
                }

                return null;
            case JsonValueKind.Array:
                var position = 0;
                foreach (var item in element.EnumerateArray())
                {
                    if (FindFault(item, depth + 1) is { } inItem)
                        return inItem.Under($"[{position}]");
                    position++;
                }

                return null;
            case JsonValueKind.Number when !element.TryGetDecimal(out _):
                return new("bad-number", "the number lies outside ±7.9e28");
            default:
                return null;
        }
    }

    /// <summary>A fault on its way out of the nested values: the path is built only where there is one to tell.</summary>
    private sealed class Fault(string code, string reason)
    {
        private readonly StringBuilder _path = new();

        public Fault Under(string step)
        {
            _path.Insert(0, step);
            return this;
        }

        public Rejection In(string root) => new(code, $"{root}{_path}: {reason}");
    }
}
