using System.Collections.Immutable;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Expressions;

namespace TaggingPipeline.Domain.Rules.Measures;

/// <summary>What a selection chooses from.</summary>
public enum SelectionSource : byte
{
    /// <summary>Orders as they stand after updates, refunds and cancellations.</summary>
    Orders,
    Browse,
    Interaction,
    Profile,
    Identity,

    /// <summary>Events of every kind, as they came.</summary>
    Any,
}

/// <summary>What of events that no window reaches any longer is still asked for.</summary>
[Flags]
internal enum SettledUse : byte { None = 0, Sum = 1, Minimum = 2, Maximum = 4, First = 8, Last = 16, Distinct = 32, Frequencies = 64 }

/// <summary>A field of the selected events that some measure looks at, or something computed of their fields.</summary>
/// <param name="Field">Null for something computed.</param>
/// <param name="Computed">Null for a field.</param>
/// <param name="Settled">What measures without a window ask of it.</param>
/// <param name="Windowed">What measures with a window, or since an instant, ask of it.</param>
/// <param name="IsSummed">Whether some measure sums it.</param>
/// <param name="IsCountedByValue">Whether some measure counts its different values.</param>
internal readonly record struct SelectionColumn(EventField? Field, Expression? Computed, SettledUse Settled, SettledUse Windowed, bool IsSummed, bool IsCountedByValue)
{
    /// <summary>What a group of older events keeps of it. Different values are kept apart from groups, and the most frequent is only looked for among the latest events.</summary>
    public SettledUse Grouped => Windowed & ~(SettledUse.Distinct | SettledUse.Frequencies);

    public Value Of(in FieldSource source) =>
        Field is not null ? Field.Of(source) : Computed!.Evaluate(new Scope { Fields = source, Zone = source.Zone }).Value;
}

/// <summary>Events that one or more measures look at: of one source and name, passing one filter; or the items of a list of theirs. Customers keep one series for each.</summary>
internal sealed class Selection
{
    private bool? _keepsSettled;

    /// <summary>How long an event can matter to a window; everything for <see cref="long.MaxValue"/>.</summary>
    public required long Retention { get; init; }

    /// <summary>How wide groups of older events are, by their age.</summary>
    public required Band[] Bands { get; init; }

    /// <summary>How many of its latest events are kept one by one, and how many values of the others.</summary>
    public required FactLimits Limits { get; init; }

    /// <summary>Its place among the rulebook's selections.</summary>
    public required int Index { get; init; }

    public required SelectionSource Source { get; init; }

    /// <summary>The event name asked for; null for any.</summary>
    public required string? Name { get; init; }

    /// <summary>Null where every event passes.</summary>
    public required Expression? Filter { get; init; }

    /// <summary>Where it looks at the items of a list instead of events: the list; null elsewhere.</summary>
    public EventField? List { get; init; }

    /// <summary>Null where every item passes.</summary>
    public Expression? ItemFilter { get; init; }

    public required ImmutableArray<SelectionColumn> Columns { get; init; }

    /// <summary>Whether a measure without a window counts its events.</summary>
    public required bool CountsSettled { get; init; }

    /// <summary>Whether a measure with a window, or since an instant, wants to know when the first or last of its events was.</summary>
    public required bool WantsInstants { get; init; }

    /// <summary>Its events or items, for a person to read.</summary>
    public string Counted => List is not null ? string.Join('.', List.Path)
        : Name is not null ? $"\"{Name}\""
        : Source switch
        {
            SelectionSource.Orders => "purchases",
            SelectionSource.Browse => "browses",
            SelectionSource.Interaction => "interactions",
            SelectionSource.Profile => "profile events",
            SelectionSource.Identity => "identity events",
            _ => "events",
        };

    /// <summary>Whether events that no window reaches must be remembered in sum.</summary>
    public bool KeepsSettled => _keepsSettled ??= CountsSettled || Columns.Any(column => column.Settled != SettledUse.None);

    public bool Accepts(in FieldSource source) => Filter is null || Expression.Passes(Filter, source);

    /// <summary>The items of an accepted event's list; none where there is no list.</summary>
    public ImmutableArray<Value> ItemsOf(in FieldSource source) => List!.Of(source) is { Kind: ValueKind.List } list ? list.AsList : [];

    /// <summary>What an item's fields are read from, if it is among those looked at. Items that are no objects are not.</summary>
    public bool AcceptsItem(in FieldSource source, Value item, out FieldSource fields)
    {
        fields = item.Kind == ValueKind.Object ? source.OfItem(item.AsObject) : default;
        return item.Kind == ValueKind.Object && (ItemFilter is null || Expression.Passes(ItemFilter, fields));
    }
}
