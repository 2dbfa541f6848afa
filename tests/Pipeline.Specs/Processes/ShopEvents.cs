using System.Text.Json;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>The events of a made-up shop in numbered batches: for a seed always the same, whoever asks and in whatever order.</summary>
/// <remarks>Every tenth event or so is one of an earlier batch once more.</remarks>
public sealed class ShopEvents(int seed, int customers)
{
    private const int KindCount = 10;
    private const int Refund = 2;

    /// <summary>All events lie in the sixty days before.</summary>
    public static readonly DateTimeOffset AsOf = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What the events of a batch are called in the journal.</summary>
    public IEnumerable<EventKey> KeysOf(int batch) => Numbers(batch).Select(of => KeyOf(of.Batch, of.Number));

    /// <summary>A request to <c>/v1/batch</c>.</summary>
    public byte[] Request(int batch) => Request([batch]);

    /// <summary>One request with the events of several batches.</summary>
    public byte[] Request(IEnumerable<int> batches) =>
        JsonSerializer.SerializeToUtf8Bytes(new { batch = batches.SelectMany(Numbers).Select(of => Event(of.Batch, of.Number)) });

    private IEnumerable<(int Batch, int Number)> Numbers(int batch)
    {
        var random = RandomOf(batch, -1);
        var count = random.Next(1, 21);
        for (var number = 0; number < count; number++)
            yield return batch > 0 && random.Next(10) == 0 ? (random.Next(batch), 0) : (batch, number);
    }

    private EventKey KeyOf(int batch, int number) => new(CustomerOf(batch, number), $"{batch}-{number}");

    private string CustomerOf(int batch, int number)
    {
        var random = RandomOf(batch, number);
        var customer = random.Next(customers);
        // A refund is of an order of the same customer, if the event that it names is one.
        return random.Next(KindCount) == Refund ? CustomerOfOrder(RefundedBatch(random, batch)) : $"customer-{customer}";
    }

    private string CustomerOfOrder(int batch) => $"customer-{RandomOf(batch, 0).Next(customers)}";

    private static int RefundedBatch(Random random, int batch) => random.Next(batch + 1);

    private object Event(int batch, int number)
    {
        var (userId, messageId) = KeyOf(batch, number);
        var random = RandomOf(batch, number);
        random.Next(customers);
        var kind = random.Next(KindCount);
        var refunded = RefundedBatch(random, batch);
        var timestamp = AsOf.AddMinutes(-random.Next(1, 60 * 24 * 60));
        var price = random.Next(100, 30_000) / 100m;
        return kind switch
        {
            0 or 1 => Track("Order Completed", new { order_id = messageId, total = price, currency = "GBP" }),
            Refund => Track("Order Refunded", new { order_id = $"{refunded}-0", total = 5.00m, currency = "GBP" }),
            3 or 4 or 5 => Track("Product Viewed", new { product_id = $"p{random.Next(40)}", category = $"c{random.Next(6)}", price }),
            6 => Track("Product Added", new { cart_id = userId, price }),
            7 => new { type = "identify", userId, messageId, timestamp, traits = new { age = random.Next(16, 90), plan = random.Next(2) == 0 ? "free" : "paid" } },
            _ => new { type = "page", userId, messageId, timestamp, name = "Home", properties = new { path = "/" } },
        };

        object Track(string name, object properties) => new { type = "track", userId, messageId, timestamp, @event = name, properties };
    }

    private Random RandomOf(int batch, int number) => new(unchecked(((seed * 31) + batch) * 1_000_003 + number));
}
