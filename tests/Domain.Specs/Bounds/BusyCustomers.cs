using NodaTime;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Specs.Bounds;

/// <summary>Random events of a customer who does much within a short time, so that groups of older events hold several.</summary>
public static class BusyCustomers
{
    public static Instant Start { get; } = Instant.FromUtc(2026, 3, 20, 0, 0);

    /// <param name="span">All events lie within it. Half of them come in bursts.</param>
    /// <param name="orders">Whether purchases are among them, and refunds and cancellations that name no order.</param>
    public static CustomerEvent[] Events(Random random, int count, Duration span, bool orders)
    {
        var burst = Start;
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            if (random.Next(12) == 0)
                burst = Start + Duration.FromMilliseconds(random.NextInt64((long)span.TotalMilliseconds));
            var at = random.Next(2) == 0 ? burst + Duration.FromMilliseconds(random.Next(4_000)) : Start + Duration.FromMilliseconds(random.NextInt64((long)span.TotalMilliseconds));
            return Event(random, i, at, orders);
        })];
    }

    private static CustomerEvent Event(Random random, int number, Instant at, bool orders)
    {
        var (kind, name) = random.Next(orders ? 4 : 3) switch
        {
            0 => (EventKind.Interaction, "Product Added"),
            3 when random.Next(6) == 0 => (EventKind.OrderRefunded, "Order Refunded"),
            3 when random.Next(6) == 0 => (EventKind.OrderCancelled, "Order Cancelled"),
            3 => (EventKind.Purchase, "Order Completed"),
            _ => (EventKind.Browse, random.Next(2) == 0 ? "Product Viewed" : "Home"),
        };
        return CustomerEvent.Create($"e{number:000}", "c", kind, name, at, PropertyBag.Of(
            ("order_id", kind != EventKind.Purchase || random.Next(6) == 0 ? Value.Missing : Value.Of($"o{number}")),
            ("category", random.Next(6) == 0 ? Value.Missing : Value.Of($"c{random.Next(5)}")),
            ("price", random.Next(8) == 0 ? Value.Of("none") : Value.Of(random.Next(-200, 2_000) / 100m)),
            ("total", Value.Of(random.Next(1, 5_000) / 100m)),
            ("products", Value.Of([.. Enumerable.Range(0, random.Next(3)).Select(_ => Value.Of(PropertyBag.Of(("price", Value.Of(random.Next(9))), ("sku", Value.Of($"s{random.Next(4)}")))))]))));
    }
}
