using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Rules.Measures;

/// <summary>One field of an event that a rulebook looks at: its instant, its calendar date, its name, or a property by path; or a property of an item of a list.</summary>
/// <param name="Path">One part named <c>time</c>, <c>date</c> or <c>name</c>, or the path of a property.</param>
/// <param name="OrderSlot">For fields of purchases: where orders keep the value; -1 elsewhere.</param>
/// <param name="IsOfItem">The path is one of an item, where all names are properties.</param>
public sealed record EventField(ImmutableArray<string> Path, int OrderSlot, bool IsOfItem = false)
{
    public const string Time = "time";
    public const string Date = "date";
    public const string Name = "name";

    private readonly EventFieldKind _kind = Path is [var only] && !IsOfItem ? KindOf(only) : EventFieldKind.Property;

    /// <summary>Whether it is a property, and not the instant, date or name that every event has.</summary>
    public static bool IsProperty(ImmutableArray<string> path) => path is not [Time or Date or Name];

    /// <summary>The field's value, or missing.</summary>
    internal Value Of(in FieldSource source) => _kind switch
    {
        EventFieldKind.Time => Value.InstantAt(source.Time),
        EventFieldKind.Date => Value.Of(CalendarDays.DateOf(source.Time, source.Zone)),
        EventFieldKind.Name => Value.Of(source.Name),
        _ => source.Properties is { } properties ? properties.At(Path) : source.Slots[OrderSlot],
    };

    public bool Equals(EventField? other) => other is not null && OrderSlot == other.OrderSlot && IsOfItem == other.IsOfItem && Path.AsSpan().SequenceEqual(other.Path.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Path.Length, Path[^1]);

    private static EventFieldKind KindOf(string name) => name switch
    {
        Time => EventFieldKind.Time,
        Date => EventFieldKind.Date,
        Name => EventFieldKind.Name,
        _ => EventFieldKind.Property,
    };

    private enum EventFieldKind : byte { Property, Time, Date, Name }
}

/// <summary>What the fields of an event are read from: the event itself, or an order as it stands.</summary>
/// <param name="properties">The event's properties; null for an order, whose values are in the slots.</param>
internal readonly ref struct FieldSource(long time, string name, PropertyBag? properties, ReadOnlySpan<Value> slots, DateTimeZone zone)
{
    public long Time { get; } = time;

    public string Name { get; } = name;

    public PropertyBag? Properties { get; } = properties;

    public ReadOnlySpan<Value> Slots { get; } = slots;

    public DateTimeZone Zone { get; } = zone;

    /// <summary>The same event, looked at for one item of a list of it.</summary>
    public FieldSource OfItem(PropertyBag item) => new(Time, Name, item, default, Zone);
}
