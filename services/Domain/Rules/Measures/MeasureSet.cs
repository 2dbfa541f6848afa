using System.Collections.Frozen;
using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Rules.Measures;

/// <summary>Everything that a rulebook needs kept of a customer's events.</summary>
internal sealed class MeasureSet
{
    private readonly Selection[][] _byKind;
    private readonly FrozenDictionary<string, Selection[]>[] _byKindAndName;
    private readonly FrozenDictionary<string, EventKind> _kinds;

    public MeasureSet(
        ImmutableArray<Selection> selections, ImmutableArray<OrderField> orderFields, IReadOnlyDictionary<string, EventKind> kinds, DateTimeZone zone, FactLimits limits, ulong fingerprint)
    {
        Selections = selections;
        OrderFields = orderFields;
        OrderTotalSlot = orderFields.IndexOf(orderFields.Single(field => field is { Path: [Customers.Order.TotalProperty], ItemProperties.IsDefault: true }));
        Zone = zone;
        Limits = limits;
        Fingerprint = fingerprint;
        OrderSelections = [.. selections.Where(selection => selection.Source == SelectionSource.Orders)];
        _kinds = kinds.ToFrozenDictionary(StringComparer.Ordinal);

        var sources = Enum.GetValues<EventKind>().Select(SourceOf).ToArray();
        _byKind = [.. sources.Select(source => Choose(source, null))];
        _byKindAndName = [.. sources.Select(source => selections
            .Where(selection => selection.Name is not null && Sees(selection, source))
            .Select(selection => selection.Name!)
            .Distinct()
            .ToFrozenDictionary(name => name, name => Choose(source, name), StringComparer.Ordinal))];

        Selection[] Choose(SelectionSource source, string? name) =>
            [.. selections.Where(selection => Sees(selection, source) && (selection.Name is null || selection.Name == name))];
    }

    public ImmutableArray<Selection> Selections { get; }

    public Selection[] OrderSelections { get; }

    /// <summary>The fields of which orders keep the values, by slot.</summary>
    public ImmutableArray<OrderField> OrderFields { get; }

    public DateTimeZone Zone { get; }

    /// <summary>Null where amounts are taken as they are.</summary>
    public Currencies? Currencies { get; init; }

    public FactLimits Limits { get; }

    /// <summary>Where orders keep their total, which refunds are measured against.</summary>
    public int OrderTotalSlot { get; }

    /// <summary>Facts belong to measures with this fingerprint.</summary>
    public ulong Fingerprint { get; }

    /// <summary>Names of events that rules ask for, or that have a kind of their own here.</summary>
    public IEnumerable<string> EventNames => Selections.Select(selection => selection.Name).OfType<string>().Concat(_kinds.Keys).Distinct();

    /// <summary>The kind that this rulebook gives the event.</summary>
    public EventKind KindOf(CustomerEvent observed) => _kinds.Count == 0 ? observed.Kind : _kinds.GetValueOrDefault(observed.Name, observed.Kind);

    /// <summary>The selections that may hold an event of that kind and name; those over orders are not among them.</summary>
    public Selection[] For(EventKind kind, string name) =>
        _byKindAndName[(int)kind].TryGetValue(name, out var named) ? named : _byKind[(int)kind];

    private static bool Sees(Selection selection, SelectionSource source) =>
        selection.Source == SelectionSource.Any || (selection.Source == source && source != SelectionSource.Orders);

    private static SelectionSource SourceOf(EventKind kind) => kind switch
    {
        EventKind.Browse => SelectionSource.Browse,
        EventKind.Interaction => SelectionSource.Interaction,
        EventKind.Profile => SelectionSource.Profile,
        EventKind.Identity => SelectionSource.Identity,
        _ => SelectionSource.Orders,
    };
}
