using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Domain.Specs.Rulebooks;

/// <summary>Cases that random rulebooks have come to, by hand.</summary>
public sealed class WhatTheLongRunsFound
{
    private static readonly Instant Noon = Instant.FromUtc(2026, 3, 24, 12, 0);

    [Test]
    public void An_event_that_comes_just_as_another_leaves_the_window_keeps_the_tag()
    {
        var rulebook = Compile("exists(browse, 24h)");
        var facts = Observe(rulebook, Event(EventKind.Browse, "Product Viewed", Noon), Event(EventKind.Browse, "Product Viewed", Noon + Duration.FromHours(24)));

        Assert.That(Decide(facts, rulebook).ChangesAt, Is.EqualTo(Noon + Duration.FromHours(48)));
    }

    [Test]
    public void A_cancellation_that_names_no_order_takes_none_from_a_sequence()
    {
        var rulebook = Compile("exists(purchase then browse within 24h)");
        var facts = Observe(
            rulebook,
            Event(EventKind.OrderCancelled, "Order Cancelled", Noon - Duration.FromHours(2)),
            Event(EventKind.Purchase, "Order Completed", Noon - Duration.FromHours(1)),
            Event(EventKind.Browse, "Product Viewed", Noon));

        Assert.That(Decide(facts, rulebook)["t"], Is.EqualTo(Value.True));
    }

    private static TagSet Decide(CustomerFacts facts, Rulebook rulebook) => Tagging.Decide(facts, TagSet.Empty, rulebook, Noon, ChangeCause.Event).Tags;

    private static CustomerFacts Observe(Rulebook rulebook, params CustomerEvent[] events) =>
        Tagging.Settle(events.Aggregate(CustomerFacts.Of(rulebook), (facts, observed) => Tagging.Observe(facts, observed, rulebook, Noon)), rulebook, Noon);

    private static CustomerEvent Event(EventKind kind, string name, Instant at) => CustomerEvent.Create($"{name} {at}", "ann", kind, name, at, PropertyBag.Empty);

    private static Rulebook Compile(string condition) => RulebookFile.Compile($"rulebook: long\ntags:\n- {{key: t, category: behaviour, when: '{condition}'}}").Rulebook!;
}
