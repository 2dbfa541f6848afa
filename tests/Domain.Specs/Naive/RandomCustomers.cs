using NodaTime;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Specs.Naive;

/// <summary>Random events of one customer, coarse in time and values, so that ties, boundaries and repeated orders are common.</summary>
public static class RandomCustomers
{
    public static Instant Start { get; } = Instant.FromUtc(2026, 3, 20, 0, 0);

    /// <summary>Events lie within this many hours from the start: over a change to summer time.</summary>
    public const int Hours = 24 * 14;

    public static CustomerEvent[] Events(Random random, int count) => [.. Enumerable.Range(0, count).Select(i => Event(random, $"e{i:000}"))];

    private static CustomerEvent Event(Random random, string id)
    {
        var at = Start + Duration.FromHours(random.Next(Hours)) + Duration.FromMilliseconds(random.Next(5) == 0 ? random.Next(3) : 0);
        return random.Next(10) switch
        {
            0 => Of(EventKind.Profile, "identify", ("age", Value.Of(random.Next(15, 70))), ("birthday", Birthday(random)), ("city", Value.Of(Pick(random, "Bath", "York", "北京"))), ("vip", Value.Of(random.Next(2) == 0))),
            1 or 2 or 3 => Of(EventKind.Purchase, "Order Completed", Order(random, 6)),
            4 when random.Next(3) == 0 => Of(EventKind.OrderUpdated, "Order Updated", Order(random, 8)),
            4 when random.Next(2) == 0 => Of(EventKind.OrderCancelled, "Order Cancelled", Order(random, 8)),
            4 => Of(EventKind.OrderRefunded, "Order Refunded", Order(random, 8)),
            5 or 6 => Of(EventKind.Browse, Pick(random, "Product Viewed", "Home"), ("category", Category(random)), ("price", Price(random))),
            _ => Of(EventKind.Interaction, Pick(random, "Product Added", "Clicked"), ("category", Category(random)), ("price", Price(random))),
        };

        CustomerEvent Of(EventKind kind, string name, params ReadOnlySpan<(string, Value)> properties) =>
            CustomerEvent.Create(id, "c", kind, name, at, PropertyBag.Of([.. properties, ("currency", Currency(random))]));
    }

    private static Value Currency(Random random) => random.Next(3) == 0 ? Value.Of(Pick(random, "EUR", "usd", "USD", "GBP", "JPY")) : Value.Missing;

    private static (string, Value)[] Order(Random random, int orders) =>
    [
        ("order_id", random.Next(5) == 0 ? Value.Missing : Value.Of($"o{random.Next(orders)}")),
        ("total", random.Next(8) == 0 ? Value.Missing : Price(random)),
        ("tax", random.Next(3) == 0 ? Value.Of(random.Next(3)) : Value.Missing),
        ("category", random.Next(4) == 0 ? Value.Missing : Category(random)),
        ("products", random.Next(4) == 0 ? Category(random) : Value.Of([.. Enumerable.Range(0, random.Next(4)).Select(_ => Line(random))])),
    ];

    private static Value Line(Random random) => random.Next(8) == 0 ? Category(random) is { IsMissing: false } scalar ? scalar : Value.True : Value.Of(PropertyBag.Of(
        ("category", Category(random)), ("price", Price(random)), ("quantity", random.Next(5) == 0 ? Value.Missing : Value.Of(random.Next(1, 4))), ("name", Value.Of("line"))));

    /// <summary>Near the days that the events are on, and on 29 February; some are none.</summary>
    private static Value Birthday(Random random) => Value.Of(random.Next(8) switch
    {
        0 => "soon",
        1 => $"{random.Next(1950, 2010) / 4 * 4}-02-29",
        2 => $"2026-0{random.Next(3, 5)}-{random.Next(10, 31)}",
        _ => $"{random.Next(1950, 2010)}-0{random.Next(3, 5)}-{random.Next(10, 31)}",
    });

    private static Value Category(Random random) => random.Next(6) == 0 ? Value.Missing : Value.Of(Pick(random, "shoes", "hats", "books"));

    private static Value Price(Random random) => random.Next(6) switch
    {
        0 => Value.Of($"{random.Next(1, 100)}.{random.Next(100):00}"),
        1 => Value.Of("no number"),
        _ => Value.Of(random.Next(0, 2_000) / 100m),
    };

    private static string Pick(Random random, params ReadOnlySpan<string> options) => options[random.Next(options.Length)];
}
