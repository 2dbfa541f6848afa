using NodaTime.Text;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Domain.Specs.Rulebooks;

/// <summary>Amounts in several currencies, under a rulebook that reckons in euros and knows what dollars are worth.</summary>
public sealed class WhatCurrenciesMean
{
    private const string Rates = "currency: EUR\nrates: { USD: 0.92, gbp: 1.17 }\n";

    private static readonly CustomerEvent[] Events =
    [
        Event("t", EventKind.Profile, "2026-01-01", ("value", Value.Of(7m)), ("currency", Value.Of("JPY"))),
        Event("e", EventKind.Purchase, "2026-03-01", ("order_id", Value.Of("E")), ("total", Value.Of(100m))),
        Event("u", EventKind.Purchase, "2026-03-02", ("order_id", Value.Of("U")), ("total", Value.Of("50.00")), ("currency", Value.Of("usd")), ("products", Lines(("price", 50m), ("quantity", 2m)))),
        Event("u-back", EventKind.OrderRefunded, "2026-03-03", ("order_id", Value.Of("U")), ("total", Value.Of(10m)), ("currency", Value.Of("USD"))),
        Event("j", EventKind.Purchase, "2026-03-04", ("order_id", Value.Of("J")), ("total", Value.Of(9_000m)), ("quantity", Value.Of(3m)), ("currency", Value.Of("JPY"))),
        Event("j-back", EventKind.OrderRefunded, "2026-03-05", ("order_id", Value.Of("J")), ("total", Value.Of(9_000m)), ("currency", Value.Of("JPY"))),
        Event("g", EventKind.Purchase, "2026-03-06", ("order_id", Value.Of("G")), ("total", Value.Of("unknown")), ("currency", Value.Of("GBP"))),
        Event("n", EventKind.Purchase, "2026-03-07", ("order_id", Value.Of("N")), ("note", Value.Of("no amount")), ("currency", Value.Of("CHF"))),
    ];

    [TestCase("sum(purchase.total)", "136.8")]
    [TestCase("count(purchase)", "5")]
    [TestCase("max(purchase.total)", "100")]
    [TestCase("count(purchase[total > 40])", "1", Description = "Conditions see converted amounts")]
    [TestCase("sum(purchase.products[].price * quantity)", "92")]
    [TestCase("sum(event[\"Something\"].total)", "155.2", Description = "As they came: 100 and 46, and what the refund names")]
    [TestCase("sum(purchase.quantity)", "3", Description = "Which is no money")]
    [TestCase("trait.value", "7", Description = "Traits are no amounts")]
    public void Amounts_are_those_of_the_rulebooks_currency(string expression, string value) => Assert.That(Evaluate(Rates, expression).Value.ToString(), Is.EqualTo(value));

    [Test]
    public void Without_a_currency_amounts_are_taken_as_they_are() => Assert.That(Evaluate("", "sum(purchase.total)").Value.ToString(), Is.EqualTo("140"));

    [Test]
    public void What_was_left_out_is_counted_by_currency()
    {
        Assert.That(Evaluate(Rates, "sum(purchase.total)").LeftOut, Is.EqualTo(new[] { new LeftOutAmounts("JPY", 2) }));
        Assert.That(Evaluate("currency: GBP\n", "sum(purchase.total)").LeftOut, Is.EqualTo(new[] { new LeftOutAmounts("JPY", 2), new LeftOutAmounts("USD", 2) }));
        Assert.That(Evaluate("", "sum(purchase.total)").LeftOut, Is.Empty);
    }

    [Test]
    public void Facts_belong_to_the_rates()
    {
        var facts = Observe(Rates, "sum(purchase.total)", out _).Encode();
        Observe(Rates.Replace("0.92", "0.93", StringComparison.Ordinal), "sum(purchase.total)", out var other);
        Assert.That(CustomerFacts.Decode(facts, other), Is.Null);
    }

    [TestCase("rulebook: x\ncurrency: euros", "2:11: currency: `euros` is no currency; expected three letters, such as `EUR`")]
    [TestCase("rulebook: x\nrates: {USD: 0.9}", "2:9: rates: a rate wants to know of which currency it is worth so much: expected `currency` besides, such as `currency: EUR`")]
    [TestCase("rulebook: x\ncurrency: EUR\nrates: {USD: 0, eur: 1, GBP: 1.2, gbp: 1.3, X: 1}",
        "3:14: rate USD: `0` is no rate; expected what one USD is worth in EUR, such as `0.92`", "3:17: rates: `eur` is no other currency; expected three letters, such as `USD`",
        "3:35: rates: there is another rate for `gbp`", "3:45: rates: `X` is no other currency; expected three letters, such as `USD`")]
    public void Mistakes_are_told_with_their_place(string yaml, params string[] errors) =>
        Assert.That(RulebookFile.Compile(yaml).Errors.Select(error => error.ToString()), Is.EqualTo(errors));

    private static (Value Value, IEnumerable<LeftOutAmounts> LeftOut) Evaluate(string currency, string expression)
    {
        var facts = Observe(currency, expression, out var rulebook);
        facts = CustomerFacts.Decode(facts.Encode(), rulebook)!;
        return (Tagging.Explain(facts, rulebook, InstantPattern.ExtendedIso.Parse("2026-04-01T00:00:00Z").Value).Single().Value, facts.LeftOut);
    }

    private static CustomerFacts Observe(string currency, string expression, out Domain.Rules.Rulebook rulebook)
    {
        var (compiled, errors) = RulebookFile.Compile($"rulebook: x\n{currency}tags:\n- key: t\n  category: value\n  value: |\n    {expression}\n");
        Assert.That(errors, Is.Empty);
        rulebook = compiled!;
        var asOf = InstantPattern.ExtendedIso.Parse("2026-04-01T00:00:00Z").Value;
        var facts = CustomerFacts.Of(rulebook);
        foreach (var observed in Events)
            facts = Tagging.Observe(facts, observed, rulebook, asOf);
        return Tagging.Settle(facts, rulebook, asOf);
    }

    private static Value Lines(params (string, Value)[] line) => Value.Of([Value.Of(PropertyBag.Of(line))]);

    private static Value Lines((string, decimal) one, (string, decimal) other) => Lines((one.Item1, Value.Of(one.Item2)), (other.Item1, Value.Of(other.Item2)));

    private static CustomerEvent Event(string id, EventKind kind, string day, params (string, Value)[] properties) =>
        CustomerEvent.Create(id, "anna", kind, "Something", InstantPattern.ExtendedIso.Parse($"{day}T12:00:00Z").Value, PropertyBag.Of(properties));
}
