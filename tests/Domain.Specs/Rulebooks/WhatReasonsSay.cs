using NodaTime.Text;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Domain.Specs.Rulebooks;

/// <summary>The clauses of a reason, as a marketer reads them. Days are London's, where summer time began on 29 March 2026 at 01:00 UTC.</summary>
public sealed class WhatReasonsSay
{
    private static readonly CustomerEvent[] Events =
    [
        .. Enumerable.Range(1, 4).Select(i => Event($"b{i}", EventKind.Browse, "Product Viewed", $"2026-03-2{i}T14:02:00Z", ("category", Value.Of("shoes")))),
        Event("p", EventKind.Purchase, "Order Completed", "2026-03-10T09:30:15Z", ("total", Value.Of(120m))),
        Event("c", EventKind.Interaction, "Product Added", "2026-03-24T20:00:00Z"),
    ];

    [TestCase("count(browse, 7d) >= 5", "count(browse, 7d) >= 5: 4 of 5 browses, the oldest leaves the window on 28 March 2026 14:02", "b4 b3 b2 b1")]
    [TestCase("count(browse, 7d) > 4", "count(browse, 7d) > 4: 4 of more than 4 browses, the oldest leaves the window on 28 March 2026 14:02", "b4 b3 b2 b1")]
    [TestCase("count(browse, 7d) >= 4", "count(browse, 7d) >= 4: found 4, holds until 28 March 2026 14:02", "b4 b3 b2 b1")]
    [TestCase("count(browse, 8d) >= 4", "count(browse, 8d) >= 4: found 4, holds until 29 March 2026 15:02", "b4 b3 b2 b1", Description = "In summer time")]
    [TestCase("count(browse[\"Product Viewed\"], 7d) >= 6", "count(browse[\"Product Viewed\"], 7d) >= 6: 4 of 6 \"Product Viewed\", the oldest leaves the window on 28 March 2026 14:02", "b4 b3 b2 b1")]
    [TestCase("sum(purchase.total, 30d) >= 200", "sum(purchase.total, 30d) >= 200: 120 of 200, the oldest leaves the window on 9 April 2026 10:30:15", "p")]
    [TestCase("none(purchase, 30d)", "none(purchase, 30d) is false, will hold from 9 April 2026 10:30:15", "p")]
    [TestCase("since(last(purchase)) > 30d", "since(last(purchase)) > 30d: found 14d 14h 29m 45s, will hold from 9 April 2026 10:30:15.001", "p")]
    [TestCase("exists(interaction, today)", "exists(interaction, today) is false", "")]
    [TestCase("exists(browse, this week)", "exists(browse, this week) is true, holds until 30 March 2026 00:00", "b4 b3")]
    [TestCase("exists(interaction then no purchase within 1d)", "exists(interaction then no purchase within 1d) is false, will hold from 25 March 2026 20:00", "")]
    [TestCase("trait.age >= 18", "trait.age >= 18: found nothing", "")]
    [TestCase("top(browse.category) in (\"hats\", \"shoes\")", "top(browse.category) in (\"hats\", \"shoes\"): found shoes", "b4 b3 b2 b1")]
    public void Each_clause_tells_what_was_found_and_what_becomes_of_it(string condition, string clause, string events)
    {
        var rulebook = RulebookFile.Compile($"{Anna.Rulebook}  when: |\n    {condition}\n").Rulebook!;
        var asOf = InstantPattern.ExtendedIso.Parse("2026-03-25T00:00:00Z").Value;
        var facts = Events.Aggregate(CustomerFacts.Of(rulebook), (known, observed) => Tagging.Observe(known, observed, rulebook, asOf));
        var reason = Tagging.Explain(Tagging.Settle(facts, rulebook, asOf), rulebook, asOf).Single().Reason;
        Assert.That((reason.Text, string.Join(' ', reason.Events)), Is.EqualTo((clause, events)));
    }

    private static CustomerEvent Event(string id, EventKind kind, string name, string at, params (string, Value)[] properties) =>
        CustomerEvent.Create(id, "anna", kind, name, InstantPattern.ExtendedIso.Parse(at).Value, PropertyBag.Of(properties));
}
