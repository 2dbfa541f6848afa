using System.Collections.Immutable;
using System.Globalization;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Specs.Naive;

/// <summary>The rules of a definition as trees, by key.</summary>
public sealed record NaiveRules(
    IReadOnlyDictionary<string, (ImmutableArray<(Value Value, Syntax Condition)> Tiers, Syntax? Value)> Tags, IReadOnlyDictionary<string, Syntax> Segments)
{
    /// <summary>The values of all customers in ascending order, by argument as a tree; one that is not there is covered by no snapshot.</summary>
    public IReadOnlyDictionary<string, decimal[]> Populations { get; init; } = new Dictionary<string, decimal[]>();

    /// <summary>What one unit of a currency is worth; null where amounts are taken as they are.</summary>
    public IReadOnlyDictionary<string, decimal>? Rates { get; init; }

    /// <summary>The rulebook's currency.</summary>
    public string? Currency { get; init; }

    /// <summary>The event with its amounts in the rulebook's currency.</summary>
    public CustomerEvent Converted(CustomerEvent e)
    {
        var currency = e.Properties["currency"];
        return Rates is null || currency.IsMissing || string.Equals(currency.AsText, Currency, StringComparison.OrdinalIgnoreCase) || e.Kind == EventKind.Profile ? e : e with { Properties = Converted(e.Properties, Rates.TryGetValue(currency.AsText.ToUpperInvariant(), out var rate) ? rate : null, e.Kind) };
    }

    private static PropertyBag Converted(PropertyBag properties, decimal? rate, EventKind kind) => PropertyBag.Of(properties.Items.ToArray().Select(item => KeyValuePair.Create(item.Key, item.Key switch
    {
        "total" or "revenue" or "subtotal" or "value" or "tax" or "shipping" or "discount" or "price" when NaiveEvaluator.AmountOf(item.Value) is { } amount =>
            rate is not null ? Value.Of(amount * rate.Value) : kind == EventKind.OrderRefunded ? Value.Of(0m) : Value.Missing,
        "products" when item.Value.Kind == ValueKind.List =>
            Value.Of([.. item.Value.AsList.Select(line => line.Kind == ValueKind.Object ? Value.Of(Converted(line.AsObject, rate, kind)) : line)]),
        _ => item.Value,
    })));

    public static NaiveRules Of(RulebookDefinition definition) => new(
        definition.Tags.ToDictionary(tag => tag.Key.Text, tag => (
            tag.When is { } when ? [(Value.True, Read(when))] : tag.Tiers.Select(tier => (Value.Of(tier.Name.Text), Read(tier.Condition))).ToImmutableArray(),
            tag.Value is { } value ? Read(value) : null)),
        definition.Segments.ToDictionary(segment => segment.Key.Text, segment => Read(segment.When)))
    {
        Rates = definition.Currency is null ? null : definition.Rates.ToDictionary(rate => rate.Currency.Text, rate => decimal.Parse(rate.Rate.Text, CultureInfo.InvariantCulture)),
        Currency = definition.Currency?.Text,
    };

    private static Syntax Read(SourceText text) => Parser.Parse(text.Text).Root!;
}
