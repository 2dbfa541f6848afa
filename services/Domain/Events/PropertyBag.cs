using System.Collections.Immutable;
using System.Globalization;

namespace TaggingPipeline.Domain.Events;

/// <summary>Named values: an event's properties, or an object within them.</summary>
/// <remarks>Immutable. Names are case-sensitive and unique; they are kept sorted by ordinal, so equal content is equal.</remarks>
public sealed class PropertyBag : IEquatable<PropertyBag>, IComparable<PropertyBag>
{
    private readonly KeyValuePair<string, Value>[] _items;

    private PropertyBag(KeyValuePair<string, Value>[] items) => _items = items;

    public static PropertyBag Empty { get; } = new([]);

    public int Count => _items.Length;

    public ReadOnlySpan<KeyValuePair<string, Value>> Items => _items;

    /// <summary>The value of that name, or missing.</summary>
    public Value this[string name]
    {
        get
        {
            foreach (ref readonly var item in _items.AsSpan())
            {
                if (string.Equals(item.Key, name, StringComparison.Ordinal))
                    return item.Value;
            }

            return Value.Missing;
        }
    }

    /// <summary>A bag of these values; of two with one name the later stands, and missing values are left out.</summary>
    public static PropertyBag Of(IEnumerable<KeyValuePair<string, Value>> items) => Holding(items.ToArray());

    /// <summary>As <see cref="Of(IEnumerable{KeyValuePair{string, Value}})"/>.</summary>
    public static PropertyBag Of(ReadOnlySpan<KeyValuePair<string, Value>> items) => Holding(items.ToArray());

    private static PropertyBag Holding(KeyValuePair<string, Value>[] items)
    {
        var array = InOrder(items);
        if (Array.Exists(array, item => item.Value.IsMissing))
            array = Array.FindAll(array, item => !item.Value.IsMissing);
        return array.Length == 0 ? Empty : new(array);
    }

    /// <summary>By name, of two with one name the later.</summary>
    private static KeyValuePair<string, Value>[] InOrder(KeyValuePair<string, Value>[] items)
    {
        // Nobody sends more than some dozen, as a rule; what keeps the order of equals and is fast for those is this.
        const int Few = 64;
        if (items.Length > Few)
            items = [.. items.OrderBy(item => item.Key, StringComparer.Ordinal)];
        var distinct = Math.Min(1, items.Length);
        for (var i = 1; i < items.Length; i++)
        {
            var (item, place) = (items[i], distinct);
            while (place > 0 && string.CompareOrdinal(items[place - 1].Key, item.Key) is var order && order >= 0)
            {
                place--;
                if (order == 0)
                    break;
            }

            var isKnown = place < distinct && string.Equals(items[place].Key, item.Key, StringComparison.Ordinal);
            if (!isKnown)
                Array.Copy(items, place, items, place + 1, distinct++ - place);
            items[place] = item;
        }

        return distinct == items.Length ? items : items[..distinct];
    }

    public static PropertyBag Of(params ReadOnlySpan<(string Name, Value Value)> items)
    {
        var pairs = new KeyValuePair<string, Value>[items.Length];
        for (var i = 0; i < items.Length; i++)
            pairs[i] = new(items[i].Name, items[i].Value);
        return Holding(pairs);
    }

    /// <summary>The value at a path of names and list positions, or missing.</summary>
    public Value At(ImmutableArray<string> path)
    {
        var found = this[path[0]];
        for (var i = 1; i < path.Length && !found.IsMissing; i++)
        {
            found = found.Kind switch
            {
                ValueKind.Object => found.AsObject[path[i]],
                ValueKind.List when int.TryParse(path[i], NumberStyles.None, CultureInfo.InvariantCulture, out var position)
                    && position < found.AsList.Length => found.AsList[position],
                _ => Value.Missing,
            };
        }

        return found;
    }

    public bool Equals(PropertyBag? other) => other is not null && CompareTo(other) == 0;

    public int CompareTo(PropertyBag? other)
    {
        if (other is null)
            return 1;
        for (var i = 0; i < Math.Min(_items.Length, other._items.Length); i++)
        {
            var order = string.CompareOrdinal(_items[i].Key, other._items[i].Key);
            if (order == 0)
                order = _items[i].Value.CompareTo(other._items[i].Value);
            if (order != 0)
                return order;
        }

        return _items.Length.CompareTo(other._items.Length);
    }

    public override bool Equals(object? obj) => Equals(obj as PropertyBag);

    public override int GetHashCode() => _items.Length == 0 ? 0 : HashCode.Combine(_items.Length, _items[0].Key, _items[0].Value);
}
