using System.Globalization;
using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Benchmarks.Segments;

/// <summary>Views as projection keeps them of customers of the benchmark's rulebook, in no segment yet.</summary>
internal static class SimulatedView
{
    public const int Tags = 14;

    private static readonly Instant Start = Instant.FromUtc(2025, 3, 1, 12, 0);

    private static readonly string[] Interests = ["favourite-brand", "favourite-category", "last-category", "shoe-lover", "top-page"];

    public static CustomerView Of(int number)
    {
        var since = Start + Duration.FromSeconds(number);
        return new()
        {
            Customer = string.Create(CultureInfo.InvariantCulture, $"customer-{number:0000000}"),
            Version = 1,
            Revision = 9,
            TagSequence = Tags,
            SegmentSequence = 0,
            Rulebook = "none@0",
            Tags =
            [
                new("active", "behaviour", Value.Of("this-month"), since),
                new("average-order", "value", Value.Of(20.25m + number % 100), since),
                new("big-spender", "value", Value.True, since),
                number % 2 == 0 ? new("churn-risk", "behaviour", Value.True, since) : new("churn-free", "behaviour", Value.True, since),
                new(Interests[0], "interest", Value.Of("Aurora"), since),
                new(Interests[1], "interest", Value.Of("shoes"), since),
                new(Interests[2], "interest", Value.Of("outdoor"), since),
                new("largest-order", "value", Value.Of(100.5m + number % 1000), since),
                new("lifetime-value", "value", Value.Of(1000.5m + number % 10_000), since),
                new("loyal", "behaviour", Value.Of((number % 3) switch { 0 => "gold", 1 => "silver", _ => "bronze" }), since),
                new("order-days", "behaviour", Value.Of(number % 40), since),
                new(Interests[3], "interest", Value.True, since),
                new(Interests[4], "interest", Value.Of("/home"), since),
                new("value-tier", "value", Value.Of((number % 10) switch { 0 => "high", < 4 => "middle", _ => "low" }), since),
            ],
            Traits = PropertyBag.Of(("country", Value.Of("GB"))),
            Memberships = [],
        };
    }
}
