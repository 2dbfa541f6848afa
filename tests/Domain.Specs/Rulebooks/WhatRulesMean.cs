using NodaTime;
using NodaTime.Text;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Domain.Specs.Rulebooks;

/// <summary>The exact meanings that docs/rules.md promises: given events, at an instant, an expression comes to a value.</summary>
/// <remarks>The customer's days are London's. Summer time began on 29 March 2026 at 01:00 UTC.</remarks>
public sealed class WhatRulesMean
{
    private static readonly CustomerEvent[] Events =
    [
        Event("trait", EventKind.Profile, "identify", "2026-01-01T00:00:00Z", ("age", Value.Of("42")), ("joined", Value.Of("2026-01-01")), ("vip", Value.True)),
        Event("a", EventKind.Purchase, "Order Completed", "2026-03-01T12:00:00Z", ("order_id", Value.Of("A")), ("total", Value.Of("120.00"))),
        Event("a-back", EventKind.OrderRefunded, "Order Refunded", "2026-03-05T12:00:00Z", ("order_id", Value.Of("A")), ("total", Value.Of(20m))),
        Event("a-rest", EventKind.OrderRefunded, "Order Refunded", "2026-03-20T12:00:00Z", ("order_id", Value.Of("A")), ("total", Value.Of(100m))),
        Event("b", EventKind.Purchase, "Order Completed", "2026-03-10T23:59:00Z", ("order_id", Value.Of("B")), ("total", Value.Of(0.2m))),
        Event("b-again", EventKind.Purchase, "Order Completed", "2026-03-11T08:00:00Z", ("order_id", Value.Of("B")), ("coupon", Value.Of("SPRING"))),
        Event("v1", EventKind.Browse, "Product Viewed", "2026-03-11T00:01:00Z", ("category", Value.Of("shoes")), ("price", Value.Of(10m))),
        Event("v2", EventKind.Browse, "Product Viewed", "2026-03-11T00:01:00Z", ("category", Value.Of("hats")), ("price", Value.Of("n/a"))),
        Event("night", EventKind.Browse, "Night Viewed", "2026-03-28T23:30:00Z"),
        Event("alone", EventKind.OrderRefunded, "Order Refunded", "2026-04-02T00:00:00Z", ("total", Value.Of(5m))),
        Event("gone", EventKind.OrderCancelled, "Order Cancelled", "2026-04-03T00:00:00Z", ("order_id", Value.Of("C")), ("total", Value.Of(5m))),
    ];

    [TestCase("2026-03-11T00:01:00Z", "count(browse, 1d)", "2", Description = "An event right now is in the window")]
    [TestCase("2026-03-12T00:00:59.999Z", "count(browse, 1d)", "2")]
    [TestCase("2026-03-12T00:01:00Z", "count(browse, 1d)", "0", Description = "Exactly a window's length ago it is not any more")]
    [TestCase("2026-03-11T00:00:59.999Z", "count(browse)", "0", Description = "What is to come does not count yet")]
    [TestCase("2026-03-12T00:00:00Z", "count(browse since first(browse))", "0", Description = "Since an instant is strictly later")]
    [TestCase("2026-03-12T00:00:00Z", "count(browse since last(purchase))", "2")]
    [TestCase("2026-03-12T00:00:00Z", "count(browse since trait.nothing)", "0")]
    public void Windows_and_since(string at, string expression, string value) => Expect(at, expression, value);

    [TestCase("2026-03-04T00:00:00Z", "sum(purchase.total)", "120")]
    [TestCase("2026-03-05T12:00:00Z", "sum(purchase.total)", "100")]
    [TestCase("2026-03-06T00:00:00Z", "last(purchase)", "2026-03-01T12:00:00Z")]
    [TestCase("2026-03-19T00:00:00Z", "count(purchase)", "2", Description = "The same order id again is the same order")]
    [TestCase("2026-03-19T00:00:00Z", "last(purchase.coupon)", "SPRING")]
    [TestCase("2026-03-19T00:00:00Z", "last(purchase)", "2026-03-10T23:59:00Z")]
    [TestCase("2026-03-20T12:00:00Z", "count(purchase)", "1", Description = "Refunded in full it counts no more")]
    [TestCase("2026-03-20T12:00:00Z", "sum(purchase.total)", "0.2")]
    [TestCase("2026-03-20T12:00:00Z", "count(event[\"Order Refunded\"])", "2")]
    [TestCase("2026-04-02T00:00:00Z", "sum(purchase.total, 1h)", "-5", Description = "A refund of no order counts at its own instant")]
    [TestCase("2026-04-03T00:00:00Z", "count(purchase)", "1", Description = "A cancellation waits for its order")]
    public void Orders(string at, string expression, string value) => Expect(at, expression, value);

    [TestCase("sum(browse.price)", "10")]
    [TestCase("avg(browse.price)", "10")]
    [TestCase("max(browse.price)", "10")]
    [TestCase("distinct(browse.category)", "2")]
    [TestCase("first(browse.category)", "hats", Description = "Of two at one instant the smaller")]
    [TestCase("last(browse.category)", "shoes")]
    [TestCase("sum(interaction.x)", "0")]
    [TestCase("distinct(interaction.x)", "0")]
    [TestCase("coalesce(avg(interaction.x), min(interaction.x), last(interaction), \"nothing\")", "nothing")]
    public void Functions_of_events(string expression, string value) => Expect("2026-03-15T00:00:00Z", expression, value);

    [TestCase("2026-03-31T12:00:00Z", "\"yes\" if since(first(event[\"Order Completed\"])) <= 30d", "yes")]
    [TestCase("2026-03-31T12:00:00.001Z", "\"yes\" if since(first(event[\"Order Completed\"])) <= 30d", "nothing")]
    [TestCase("2026-03-12T00:00:00Z", "days_between(last(purchase), first(browse))", "1")]
    [TestCase("2026-03-12T00:00:00Z", "days(first(browse) - last(purchase))", "0")]
    [TestCase("2026-03-12T00:00:00Z", "days_between(first(browse), last(purchase))", "-1")]
    [TestCase("2026-03-12T00:00:00Z", "days(last(purchase) - first(browse))", "-1")]
    [TestCase("2026-03-12T00:00:00Z", "hours(since(trait.joined))", "1680")]
    [TestCase("2026-03-30T00:00:00Z", "start_of_day(last(browse))", "2026-03-28T00:00:00Z")]
    [TestCase("2026-03-30T00:00:00Z", "end_of_day(last(browse) + 1h)", "2026-03-29T22:59:59.999Z", Description = "A day of 23 hours")]
    [TestCase("2026-03-30T00:00:00Z", "last(browse.date)", "2026-03-28")]
    [TestCase("2026-03-30T00:00:00Z", "coalesce(days(since(last(browse.date))), -1)", "-1")]
    public void Functions_of_time(string at, string expression, string value) => Expect(at, expression, value);

    [TestCase("1 if trait.age != 18", "1")]
    [TestCase("1 if trait.missing != 18", "nothing")]
    [TestCase("1 if trait.missing not in (18)", "nothing")]
    [TestCase("1 if not trait.missing = 18", "1")]
    [TestCase("1 if not trait.missing in (18)", "1")]
    [TestCase("1 if trait.vip and not trait.age", "1")]
    [TestCase("trait.age + trait.missing", "nothing")]
    [TestCase("trait.age / 0", "nothing")]
    [TestCase("trait.age + 0.1 + 0.2", "42.3")]
    [TestCase("round(trait.age / 16, 1)", "2.6")]
    [TestCase("round(2.5, 0) + round(-2.5, 0) * 10", "-27")]
    [TestCase("1 if trait.joined = \"2026-01-01\"", "1")]
    public void Values(string expression, string value) => Expect("2026-03-15T00:00:00Z", expression, value);

    private static void Expect(string at, string expression, string value)
    {
        var yaml = $"rulebook: x\ntimezone: Europe/London\ntags:\n- key: t\n  category: value\n  value: |\n    {expression}\n";
        var (rulebook, errors) = RulebookFile.Compile(yaml);
        Assert.That(errors, Is.Empty);
        var asOf = InstantPattern.ExtendedIso.Parse(at).Value;
        var facts = CustomerFacts.Of(rulebook!);
        foreach (var observed in Events)
            facts = Tagging.Observe(facts, observed, rulebook!, asOf);
        facts = Tagging.Settle(facts, rulebook!, asOf);
        Assert.That(Tagging.Explain(facts, rulebook!, asOf).Single().Value.ToString(), Is.EqualTo(value));
    }

    private static CustomerEvent Event(string id, EventKind kind, string name, string at, params (string, Value)[] properties) =>
        CustomerEvent.Create(id, "anna", kind, name, InstantPattern.ExtendedIso.Parse(at).Value, PropertyBag.Of(properties));
}
