using System.Collections.Frozen;
using System.Collections.Immutable;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Rules.Measures;

/// <summary>The currency in which a rulebook reckons, and what others are worth in it.</summary>
/// <remarks>Fixed rates: an amount is worth the same whenever it is looked at, so a replay comes to the same sums.</remarks>
/// <param name="own">The rulebook's currency, in capitals.</param>
/// <param name="rates">What one unit of another currency, in capitals, is worth in it.</param>
internal sealed class Currencies(string own, IReadOnlyDictionary<string, decimal> rates)
{
    /// <summary>The property that names an event's currency.</summary>
    public const string Property = "currency";

    /// <summary>The list whose items carry amounts too.</summary>
    private const string ItemsProperty = "products";

    /// <summary>Properties that are amounts of money, of events and of the items of an order.</summary>
    private static readonly FrozenSet<string> Amounts = FrozenSet.Create(StringComparer.Ordinal, "total", "revenue", "subtotal", "value", "tax", "shipping", "discount", "price");

    private readonly FrozenDictionary<string, decimal> _rates = rates.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names everything that converted amounts depend on.</summary>
    public string Description => $"{own} {string.Join(' ', _rates.OrderBy(rate => rate.Key, StringComparer.Ordinal).Select(rate => $"{rate.Key}={Value.Of(rate.Value)}"))}";

    /// <summary>
    /// The event's properties with all amounts in the rulebook's currency. One that names no currency is in it already. Where there is no rate its amounts are left out, so that nothing is converted in silence;
    /// those of a refund are nothing, so that it takes nothing.
    /// </summary>
    /// <param name="leftOut">The currency whose amounts were left out, in capitals; null if none was.</param>
    public PropertyBag Convert(PropertyBag properties, EventKind kind, out string? leftOut)
    {
        leftOut = null;
        if (properties[Property] is not { Kind: ValueKind.Text } named || named.AsText.Length == 0 || string.Equals(named.AsText, own, StringComparison.OrdinalIgnoreCase))
            return properties;
        var rate = _rates.TryGetValue(named.AsText, out var known) ? known : (decimal?)null;
        var hasAmount = false;
        var converted = Converted(properties, kind, rate, ref hasAmount);
        if (rate is null && hasAmount)
            leftOut = named.AsText.ToUpperInvariant();
        return converted;
    }

    private static PropertyBag Converted(PropertyBag properties, EventKind kind, decimal? rate, ref bool hasAmount)
    {
        var items = new KeyValuePair<string, Value>[properties.Count];
        for (var i = 0; i < items.Length; i++)
        {
            var (name, value) = properties.Items[i];
            items[i] = new(name, name == ItemsProperty && value.Kind == ValueKind.List ? OfItems(value.AsList, kind, rate, ref hasAmount)
                : Amounts.Contains(name) ? Converted(value, kind, rate, ref hasAmount)
                : value);
        }

        return PropertyBag.Of(items);
    }

    private static Value OfItems(ImmutableArray<Value> items, EventKind kind, decimal? rate, ref bool hasAmount)
    {
        var converted = ImmutableArray.CreateBuilder<Value>(items.Length);
        foreach (var item in items)
            converted.Add(item.Kind == ValueKind.Object ? Value.Of(Converted(item.AsObject, kind, rate, ref hasAmount)) : item);
        return Value.Of(converted.MoveToImmutable());
    }

    private static Value Converted(Value value, EventKind kind, decimal? rate, ref bool hasAmount)
    {
        if (!Customers.Amounts.TryRead(value, out var amount))
            return value;
        hasAmount = true;
        return rate is { } worth ? Value.Of(amount * worth) : kind == EventKind.OrderRefunded ? Value.Of(0m) : Value.Missing;
    }
}
