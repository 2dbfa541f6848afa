using System.Collections.Immutable;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Customers;

/// <summary>One event that places or amends an order, with the fields that rules look at.</summary>
/// <param name="Slots">One value for each of <see cref="MeasureSet.OrderFields"/>.</param>
internal sealed record OrderEvent(long Time, string Id, EventKind Kind, string Name, Value[] Slots)
{
    public static int Compare(OrderEvent left, OrderEvent right) =>
        left.Time != right.Time ? left.Time.CompareTo(right.Time) : string.CompareOrdinal(left.Id, right.Id);
}

/// <summary>One order: everything that was said of it, in order of time and then event id.</summary>
/// <param name="Id">The order id; for an event that names none, its event id.</param>
/// <param name="IsNamed">Whether events can amend it: it has an order id of its own.</param>
internal sealed record Order(string Id, bool IsNamed, ImmutableArray<OrderEvent> Events)
{
    public const string IdProperty = "order_id";
    public const string TotalProperty = "total";

    /// <summary>Amounts that a refund takes from the order's, where it carries them.</summary>
    private static readonly ImmutableHashSet<string> AmountNames =
        [TotalProperty, "revenue", "subtotal", "value", "tax", "shipping", "discount", "quantity"];

    /// <summary>When it was placed; the earliest that is known of it until then.</summary>
    public long PlacedAt
    {
        get
        {
            foreach (var part in Events)
            {
                if (part.Kind == EventKind.Purchase)
                    return part.Time;
            }

            return Events[0].Time;
        }
    }

    public Order With(OrderEvent added)
    {
        var position = Events.Length;
        while (position > 0 && OrderEvent.Compare(added, Events[position - 1]) < 0)
            position--;
        return this with { Events = Events.Insert(position, added) };
    }

    /// <summary>
    /// The order as it stands: placed at its first purchase, later properties over earlier ones, refunds taken off. Null while it counts for nothing: not placed
    /// yet, cancelled, or refunded in full. An amendment that names no order stands alone: it takes its amounts away at its own instant, and a cancellation one order.
    /// </summary>
    public StandingOrder? Stands(MeasureSet measures)
    {
        if (!IsNamed && Events[0].Kind != EventKind.Purchase)
            return TakenBackAlone(measures);
        OrderEvent? placed = null;
        foreach (var part in Events)
        {
            if (part.Kind == EventKind.OrderCancelled)
                return null;
            if (part.Kind == EventKind.Purchase)
                placed ??= part;
        }

        if (placed is null)
            return null;
        if (Events.Length == 1)
            return new(placed.Time, placed.Id, placed.Name, 1, placed.Slots);
        var slots = (Value[])placed.Slots.Clone();
        foreach (var part in Events)
        {
            for (var i = 0; part.Kind is EventKind.Purchase or EventKind.OrderUpdated && i < slots.Length; i++)
                slots[i] = part.Slots[i].IsMissing ? slots[i] : part.Slots[i];
        }

        return TakeRefunds(slots, measures) ? new(placed.Time, placed.Id, placed.Name, 1, slots) : null;
    }

    /// <returns>False if nothing of the order is left.</returns>
    private bool TakeRefunds(Value[] slots, MeasureSet measures)
    {
        var totalSlot = measures.OrderTotalSlot;
        var refunded = 0m;
        var total = slots[totalSlot];
        foreach (var part in Events)
        {
            if (part.Kind != EventKind.OrderRefunded)
                continue;
            if (!Amounts.TryRead(part.Slots[totalSlot], out var back))
                return false;
            refunded += back;
            for (var i = 0; i < slots.Length; i++)
            {
                if (IsAmount(measures.OrderFields[i]) && Amounts.TryRead(slots[i], out var had) && Amounts.TryRead(part.Slots[i], out var taken))
                    slots[i] = Value.Of(had - taken);
            }
        }

        return refunded == 0 || !Amounts.TryRead(total, out var worth) || refunded < worth;
    }

    private StandingOrder? TakenBackAlone(MeasureSet measures)
    {
        var alone = Events[0];
        if (alone.Kind == EventKind.OrderUpdated)
            return null;
        var slots = new Value[alone.Slots.Length];
        for (var i = 0; i < slots.Length; i++)
        {
            slots[i] = !IsAmount(measures.OrderFields[i]) ? alone.Slots[i]
                : Amounts.TryRead(alone.Slots[i], out var amount) ? Value.Of(-amount) : Value.Missing;
        }

        return new(alone.Time, alone.Id, alone.Name, alone.Kind == EventKind.OrderCancelled ? -1 : 0, slots);
    }

    private static bool IsAmount(OrderField field) => field.Path is [var name] && AmountNames.Contains(name);
}

/// <summary>What an order is worth to rules.</summary>
/// <param name="Time">When it was placed.</param>
/// <param name="Id">The event that placed it.</param>
/// <param name="Weight">1 for an order; 0 for a refund and -1 for a cancellation that name none.</param>
internal readonly record struct StandingOrder(long Time, string Id, string Name, int Weight, Value[] Slots);

/// <summary>A customer's orders, by id (ordinal).</summary>
internal static class OrderBook
{
    /// <summary>The orders with one more event among them.</summary>
    /// <param name="before">The order that it joins, as it was; null for a new one.</param>
    public static ImmutableArray<Order> With(ImmutableArray<Order> orders, CustomerEvent observed, EventKind kind, MeasureSet measures, out Order? before, out Order after)
    {
        var id = observed.Properties[Order.IdProperty];
        var isNamed = id.Kind is ValueKind.Text or ValueKind.Number && id.ToString().Length > 0;
        var key = isNamed ? id.ToString() : observed.Id;
        var slots = new Value[measures.OrderFields.Length];
        for (var i = 0; i < slots.Length; i++)
            slots[i] = measures.OrderFields[i].Of(observed.Properties);
        var added = new OrderEvent(observed.OccurredAt.ToUnixTimeMilliseconds(), observed.Id, kind, observed.Name, slots);

        var position = PositionOf(orders, key, isNamed);
        if (position >= 0)
        {
            before = orders[position];
            after = before.With(added);
            return orders.SetItem(position, after);
        }

        before = null;
        after = new(key, isNamed, [added]);
        return orders.Insert(~position, after);
    }

    private static int PositionOf(ImmutableArray<Order> orders, string id, bool isNamed)
    {
        var (low, high) = (0, orders.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = string.CompareOrdinal(orders[middle].Id, id);
            if (order == 0)
                order = orders[middle].IsNamed.CompareTo(isNamed);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }
}
