using System.Collections.Immutable;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Rules.Measures;

/// <summary>A property of which orders keep the value.</summary>
/// <param name="Path">Where it is among the properties of an event.</param>
/// <param name="ItemProperties">For a list whose items are looked at: the properties that are kept of each item. Default where the value is kept as it is.</param>
internal readonly record struct OrderField(ImmutableArray<string> Path, ImmutableArray<string> ItemProperties)
{
    /// <summary>The property's value; of a list of items only the items that are objects, and of these only what is looked at.</summary>
    public Value Of(PropertyBag properties)
    {
        var value = properties.At(Path);
        if (ItemProperties.IsDefault || value.Kind != ValueKind.List)
            return value;
        var kept = ImmutableArray.CreateBuilder<Value>(value.AsList.Length);
        foreach (var item in value.AsList)
        {
            if (item.Kind == ValueKind.Object)
                kept.Add(Value.Of(Keep(item.AsObject)));
        }

        return Value.Of(kept.ToImmutable());
    }

    private PropertyBag Keep(PropertyBag item)
    {
        var kept = new KeyValuePair<string, Value>[ItemProperties.Length];
        for (var i = 0; i < kept.Length; i++)
            kept[i] = new(ItemProperties[i], item[ItemProperties[i]]);
        return PropertyBag.Of(kept);
    }
}
