using System.Text.Json;
using NUnit.Framework;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

[TestFixture]
public sealed class When_recorded_events_are_read_at_once
{
    private const int Seed = 20250305;

    private static readonly string[] Kinds = ["purchase", "browse", "interaction", "profile", "identity", "tag", "assignment"];

    [Test]
    public void They_are_what_they_are_when_read_in_two_steps()
    {
        TestContext.Out.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        for (var i = 0; i < 3_000; i++)
        {
            var kind = Kinds[random.Next(Kinds.Length)];
            var properties = random.Next(8) == 0 ? null : kind == "assignment" ? """{"tag": "vip", "value": {"$date": "2024-01-01"}, "sequence": 3}""" : Object(random, 3);
            var shopEvent = new ShopEvent
            {
                EventId = $"e{i}",
                CustomerId = random.Next(2) == 0 ? "王小明 🦊" : "ann",
                Kind = kind,
                Name = random.Next(3) switch { 0 => "Order Refunded", 1 => "Order Completed", _ => "名 \"x\" \\ \n" },
                OccurredAt = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.FromHours(random.Next(-3, 9))).AddTicks(random.NextInt64(-600_000_000_000_000_000, 9_000_000_000_000)),
                ReceivedAt = new DateTimeOffset(2024, 5, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(random.Next()),
                Properties = properties is null ? null : JsonDocument.Parse(properties).RootElement,
                Context = random.Next(2) == 0 ? null : JsonDocument.Parse("""{"receivedAt": "never", "properties": {"kind": 1}, "kind": "browse"}""").RootElement,
            };
            var journaled = EventMapping.ToJournal(shopEvent);

            var read = JournalReader.ToDomain(journaled);

            Assert.That(read, Is.EqualTo(EventMapping.ToDomain(EventMapping.FromJournal(journaled))), $"{i}: {properties}");
            Assert.That(JournalReader.ReceivedAt(journaled)!.Value.ToDateTimeOffset(), Is.EqualTo(shopEvent.ReceivedAt));
        }
    }

    private static string Object(Random random, int depth) =>
        $"{{{string.Join(", ", Enumerable.Range(0, random.Next(5)).Select(_ => $"{Name(random)}: {Value(random, depth)}"))}}}";

    /// <summary>Names come twice at times, escaped ones and ones in another order among them.</summary>
    private static string Name(Random random) => random.Next(7) switch { 0 => "\"total\"", 1 => "\"a\\u0062\"", 2 => "\"$instant\"", 3 => "\"名\"", 4 => "\"products\"", 5 => "\"category_of_a_name_that_is_longer_than_most_of_the_others\"", _ => "\"z\"" };

    private static string Value(Random random, int depth) => random.Next(depth == 0 ? 7 : 9) switch
    {
        0 => "null", 1 => "true", 2 => "false", 3 => "-0", 4 => $"{random.Next(1000)}.{random.Next(1000):000}0", 5 => "\"19.99 \\u00e9\\n🦊\"", 6 => "1e3",
        7 => Object(random, depth - 1),
        _ => $"[{string.Join(", ", Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1)))}]",
    };
}
