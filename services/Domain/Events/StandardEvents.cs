using System.Collections.Frozen;

namespace TaggingPipeline.Domain.Events;

/// <summary>Which kind an event is by its name, as the e-commerce event names in use define it.</summary>
/// <remarks>Segment's e-commerce specification v2 and the older names still sent. Names compare without regard to case.</remarks>
public static class StandardEvents
{
    private static readonly FrozenDictionary<string, EventKind> KindByName = new Dictionary<string, EventKind>
    {
        ["Order Completed"] = EventKind.Purchase,
        ["Completed Order"] = EventKind.Purchase,
        ["Order Updated"] = EventKind.OrderUpdated,
        ["Updated Order"] = EventKind.OrderUpdated,
        ["Order Refunded"] = EventKind.OrderRefunded,
        ["Order Cancelled"] = EventKind.OrderCancelled,
        ["Product Viewed"] = EventKind.Browse,
        ["Viewed Product"] = EventKind.Browse,
        ["Product Clicked"] = EventKind.Browse,
        ["Clicked Product"] = EventKind.Browse,
        ["Product List Viewed"] = EventKind.Browse,
        ["Viewed Product Category"] = EventKind.Browse,
        ["Product List Filtered"] = EventKind.Browse,
        ["Products Searched"] = EventKind.Browse,
        ["Promotion Viewed"] = EventKind.Browse,
        ["Promotion Clicked"] = EventKind.Browse,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names that have a kind of their own.</summary>
    public static IEnumerable<string> Names => KindByName.Keys;

    /// <summary>The kind of a tracked event of that name; <see cref="EventKind.Interaction"/> for any other name.</summary>
    public static EventKind KindOfTracked(string name) => KindByName.GetValueOrDefault(name, EventKind.Interaction);

    /// <summary>The kind of an event that says it is a purchase: its amendments are told apart by name.</summary>
    public static EventKind KindOfPurchase(string name) =>
        KindByName.GetValueOrDefault(name) is var kind and (EventKind.OrderUpdated or EventKind.OrderRefunded or EventKind.OrderCancelled)
            ? kind
            : EventKind.Purchase;
}
