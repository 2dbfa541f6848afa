using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Benchmarks.Storage;

/// <summary>What is stored: documents of about 5 KB, the tags of 30 rules among it, and events of 500 bytes.</summary>
internal static class StorageInput
{
    private const int FactsBytes = 2_800;
    private const int EventBytes = 500;

    private static readonly Instant Start = Instant.FromUtc(2025, 3, 1, 0, 0);

    public static string Customer(int number) => $"customer-{number}";

    /// <summary>One commit for each customer: a document that replaces the version given, and one event.</summary>
    public static CustomerCommit[] Updates(int customers, long version) => [.. Enumerable.Range(0, customers).Select(number => new CustomerCommit(
        Customer(number), Document(number, version + 1), version, [Event(number, version)]))];

    /// <summary>Events alone, so many for each customer, numbered from the number given.</summary>
    public static CustomerCommit[] Appends(int customers, int eventsEach, long from) => [.. Enumerable.Range(0, customers).Select(number => new CustomerCommit(
        Customer(number), Document: null, 0, [.. Enumerable.Range(0, eventsEach).Select(i => Event(number, from + i))]))];

    private static CustomerDocument Document(int customer, long version) => new()
    {
        Customer = Customer(customer),
        Version = version,
        EvaluatedAt = Start + Duration.FromMinutes(version),
        WakesAt = Start + Duration.FromSeconds(version * 977 + customer),
        Facts = StoredFacts.Of(new byte[FactsBytes]),
        Tags = new TagSet("demo-shop@1f3a9c02b7d4", version, [.. Enumerable.Range(0, 30).Select(tag => State(tag, version))]),
        Applied = [],
    };

    private static JournaledEvent Event(int customer, long number) =>
        new(Customer(customer), $"event-{number}", Start + Duration.FromSeconds(number), new byte[EventBytes]);

    private static TagState State(int tag, long version) => new(
        $"tag-number-{tag}", "behaviour", (tag % 3) switch { 0 => Value.True, 1 => Value.Of(12.5m * tag + version), _ => Value.Of("high") },
        Start, keySequence: 3, Start + Duration.FromDays(tag));
}
