using System.Collections.Immutable;
using System.Text;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Storage.Specs.Suites;

/// <summary>What the suites store.</summary>
internal static class Samples
{
    /// <summary>Ids that a store might confuse, in the order that it must keep: that of their UTF-8.</summary>
    /// <remarks>The last two stand the other way round in .NET's ordinal order, which compares surrogates.</remarks>
    public static ImmutableArray<string> AwkwardIds { get; } =
    [
        "\" OR \"\"=\"", "$where", "'; DROP TABLE customers; --", "10", "9", "A", "a", "a\tb", "a b", "a.b", "aa", "e\u0301", "é", "王小明", "王小红", "\uFFEE", "🛒🦊",
    ];

    /// <summary>A value of every kind, and of those with several shapes more.</summary>
    public static ImmutableArray<Value> EveryKindOfValue { get; } =
    [
        Value.Missing, Value.True, Value.False, Value.Of(0m), Value.Of(-12.50m), Value.Of(79_228_162_514_264_337_593_543_950_335m), Value.Of(0.0000000000000000000000000001m),
        Value.Of(""), Value.Of("高价值 \"quoted\" \\ \n 🦊"), Value.Of(At(1)), Value.Of(Instant.FromUnixTimeMilliseconds(-1)), Value.Of(Duration.FromMilliseconds(90_061_001)),
        Value.Of(new LocalDate(2024, 2, 29)), Value.Of(ImmutableArray<Value>.Empty), Value.Of([Value.Of(1m), Value.Of("a"), Value.Of(At(2)), Value.Missing]),
        Value.Of(PropertyBag.Empty), Value.Of(PropertyBag.Of(("尺码", Value.Of("L")), ("dates", Value.Of([Value.Of(new LocalDate(2025, 1, 1))])))),
        Value.Of(PropertyBag.Of(("$instant", Value.Of("not one")), ("$", Value.True), ("$$date", Value.False))),
    ];

    public static Instant At(int minute) => Instant.FromUtc(2025, 3, 1, 12, 0) + Duration.FromMinutes(minute) + Duration.FromMilliseconds(7);

    public static CustomerDocument Document(string customer, long version = 1) => new()
    {
        Customer = customer,
        Version = version,
        EvaluatedAt = At(0),
        Facts = StoredFacts.Of([1, 2, 3]),
        Tags = new TagSet("shop@1", 0, []),
        Applied = [],
    };

    /// <summary>A document that uses every field, and every kind of value in each place that takes one.</summary>
    public static CustomerDocument FullDocument(string customer, long version = 1) => Document(customer, version) with
    {
        EvaluatedAt = At(10),
        WakesAt = At(20),
        Facts = StoredFacts.Of([.. Enumerable.Range(0, 3_000).Select(i => (byte)i)]),
        Tags = new TagSet("书店@1f3a", 41, [.. EveryKindOfValue.Select((value, i) => new TagState($"tag-{i}", "behaviour", value, At(i), i, i % 2 == 0 ? null : At(i + 1)))]),
        RulebookNumber = 5_000_000_000,
        Applied = ["e-1", "事件", "🦊"],
        Unjournaled = [Event(customer, "tagging:assigned:vip:1", 3), Event(customer, "tagging:assigned:贵宾:2", 4)],
        Outbox = FullOutbox(version),
    };

    public static Outbox FullOutbox(long revision) => new(revision, At(10), ChangeCause.Time,
    [
        .. EveryKindOfValue.Select((value, i) => new TagChange(
            i + 1, i, $"tag-{i}", "价值", value, EveryKindOfValue[^(i + 1)], At(i), (ChangeCause)(i % 6), "shop@1",
            new Reason([new Clause("count(purchase) >= 1", value, Value.Missing, i % 2 == 0), new Clause("", Value.Of(3m), value, holds: true, "1 of 3 事件")], ["e-1", "e-2"]),
            i % 2 == 0 ? At(i) : null) { Run = i % 3 == 0 ? "20250301-事件" : null }),
        new TagChange(99, 1, "bare", "basic", Value.True, Value.Missing, At(0), ChangeCause.Event, "", Reason.None, null),
    ]) { Run = "20250301-🦊", IsQuiet = revision % 2 == 0 };

    public static Outbox EmptyOutbox(long revision) => new(revision, At(0), ChangeCause.Event, []);

    public static JournaledEvent Event(string customer, string id, int minute = 0) =>
        new(customer, id, At(minute), Encoding.UTF8.GetBytes($$"""{"eventId":"{{id}}","name":"已下单"}"""));

    /// <summary>A commit of a document in the place of the version before it.</summary>
    public static CustomerCommit Save(CustomerDocument document, params IReadOnlyList<JournaledEvent> events) => new(document.Customer, document, document.Version - 1, events);

    /// <summary>A commit of events alone, all of one customer.</summary>
    public static CustomerCommit Append(params IReadOnlyList<JournaledEvent> events) => new(events[0].Customer, null, 0, events);

    public static CustomerView View(string customer, long version = 1) => new()
    {
        Customer = customer,
        Version = version,
        Revision = version,
        TagSequence = 0,
        SegmentSequence = 0,
        Rulebook = "shop@1",
        Tags = [],
        Traits = PropertyBag.Empty,
        Memberships = [],
    };

    public static ViewCommit Save(CustomerView view, params IReadOnlyList<NewFeedEntry> entries) => new(view, view.Version - 1, entries);

    public static NewFeedEntry Entry(string customer, string id) =>
        new(id, customer, "tag.added", "value-tier", Encoding.UTF8.GetBytes($$"""{"id":"{{id}}","subject":"{{customer}}"}"""));
}
