using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Expressions;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Rules.Binding;

/// <summary>Gathers, while rules are bound, what must be kept of events, so that rules that look at the same share it.</summary>
internal sealed class MeasureCollector
{
    private readonly List<Draft> _drafts = [];
    private readonly List<OrderPath> _orderPaths = [new([Order.TotalProperty], null)];
    private ImmutableArray<Selection> _selections;

    /// <summary>The field of that path, as events of that source keep it.</summary>
    public EventField FieldOf(SelectionSource source, ImmutableArray<string> path) =>
        new(path, source == SelectionSource.Orders && EventField.IsProperty(path) ? SlotOf(path, isList: false) : -1);

    /// <summary>A list whose items are looked at, as events of that source keep it.</summary>
    public EventField ListOf(SelectionSource source, ImmutableArray<string> path) =>
        new(path, source == SelectionSource.Orders ? SlotOf(path, isList: true) : -1);

    /// <summary>The field of that path of the items of a list.</summary>
    public EventField ItemFieldOf(EventField list, ImmutableArray<string> path)
    {
        if (list.OrderSlot >= 0)
            _orderPaths[list.OrderSlot].ItemProperties!.Add(path[0]);
        return new(path, -1, IsOfItem: true);
    }

    private int SlotOf(ImmutableArray<string> path, bool isList)
    {
        var slot = _orderPaths.FindIndex(known => known.ItemProperties is not null == isList && known.Path.AsSpan().SequenceEqual(path.AsSpan()));
        if (slot < 0)
        {
            slot = _orderPaths.Count;
            _orderPaths.Add(new(path, isList ? new(StringComparer.Ordinal) : null));
        }

        return slot;
    }

    /// <summary>The selection of that source, name, filter and list.</summary>
    /// <param name="filterText">Filters that are written alike are the same; so for the items' filter.</param>
    public Draft SelectionOf(SelectionSource source, string? name, Expression? filter, string filterText, EventField? list, Expression? itemFilter, string itemFilterText)
    {
        var draft = _drafts.Find(known => known.Source == source && known.Name == name && known.FilterText == filterText && known.List == list && known.ItemFilterText == itemFilterText);
        if (draft is null)
        {
            draft = new Draft(_drafts.Count, source, name, filter, filterText, list, itemFilter, itemFilterText);
            _drafts.Add(draft);
        }

        return draft;
    }

    /// <summary>What was gathered, once every rule is bound. From then on aggregates find their selections.</summary>
    /// <param name="currencies">Null where amounts are taken as they are.</param>
    public MeasureSet Build(IReadOnlyDictionary<string, EventKind> kinds, DateTimeZone zone, Currencies? currencies, FactLimits limits)
    {
        _selections = [.. _drafts.Select(draft => draft.ToSelection(limits))];
        var orderFields = _orderPaths.Select(path => path.ToField()).ToImmutableArray();
        return new(_selections, orderFields, kinds, zone, limits, Fingerprint(kinds, zone, currencies, limits)) { Currencies = currencies };
    }

    /// <summary>Names everything that facts depend on: facts are exchangeable between rulebooks where this is equal.</summary>
    private ulong Fingerprint(IReadOnlyDictionary<string, EventKind> kinds, DateTimeZone zone, Currencies? currencies, FactLimits limits)
    {
        // Facts in an older form count as those of other measures, so they are rebuilt.
        var text = new StringBuilder().Append(FactsFormat.Form).Append('\t').Append(limits).Append('\n').Append(zone.Id).Append('\n');
        if (currencies is not null)
            text.Append(currencies.Description).Append('\n');
        foreach (var (name, kind) in kinds.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            text.Append(name).Append('\t').Append(kind).Append('\n');
        foreach (var path in _orderPaths)
            path.Describe(text);
        foreach (var draft in _drafts)
            draft.Describe(text);
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>A selection while it is not known yet who else looks at it.</summary>
    public sealed class Draft(
        int index, SelectionSource source, string? name, Expression? filter, string filterText, EventField? list, Expression? itemFilter, string itemFilterText)
    {
        private readonly List<(ColumnSource Source, SettledUse Settled, SettledUse Windowed)> _columns = [];
        private readonly SortedSet<(long Reach, long Mask)> _windows = [];
        private Selection? _selection;
        private long _retention;
        private bool _countsSettled;
        private bool _wantsInstants;

        public int Index { get; } = index;

        public SelectionSource Source { get; } = source;

        public string? Name { get; } = name;

        public string FilterText { get; } = filterText;

        public EventField? List { get; } = list;

        public string ItemFilterText { get; } = itemFilterText;

        /// <summary>The finished selection.</summary>
        /// <exception cref="InvalidOperationException">The rulebook is not bound to its end yet.</exception>
        public Selection Selection => _selection ?? throw new InvalidOperationException("The rulebook is not bound to its end yet.");

        /// <summary>Notes a measure that looks at the events themselves, or at a column of theirs.</summary>
        /// <param name="use">What it makes of the column.</param>
        /// <param name="window">Null for none.</param>
        /// <param name="everything">Whether it wants all events kept, since where it begins depends on other events.</param>
        /// <returns>The column's place; -1 for the events themselves.</returns>
        public int Use(ColumnSource? source, SettledUse use, Window? window, bool everything)
        {
            var isUnbounded = window is null && !everything;
            _retention = Math.Max(_retention, window?.Retention ?? (everything ? long.MaxValue : 0));
            if (!isUnbounded)
                _windows.Add((window?.Retention ?? long.MaxValue, window?.Mask ?? Band.SinceMask));
            if (source is null)
            {
                _wantsInstants |= !isUnbounded && use is (SettledUse.First or SettledUse.Last);
                _countsSettled |= isUnbounded;
                return -1;
            }

            var column = _columns.FindIndex(known => known.Source.Text == source.Text);
            if (column < 0)
            {
                column = _columns.Count;
                _columns.Add((source, SettledUse.None, SettledUse.None));
            }

            var known = _columns[column];
            _columns[column] = isUnbounded ? known with { Settled = known.Settled | use } : known with { Windowed = known.Windowed | use };
            return column;
        }

        public Selection ToSelection(FactLimits limits) => _selection = new()
        {
            Limits = limits,
            Bands = Band.Of(_windows.Select(window => new Band(window.Reach, window.Mask))),
            Index = Index,
            Source = Source,
            Name = Name,
            Filter = filter,
            List = List,
            ItemFilter = itemFilter,
            Retention = _retention,
            CountsSettled = _countsSettled,
            WantsInstants = _wantsInstants,
            Columns = [.. _columns.Select(column => new SelectionColumn(
                column.Source.Field, column.Source.Computed, column.Settled, column.Windowed,
                ((column.Settled | column.Windowed) & SettledUse.Sum) != 0, ((column.Settled | column.Windowed) & SettledUse.Distinct) != 0))],
        };

        public void Describe(StringBuilder text)
        {
            text.Append(Source).Append('\t').Append(Name).Append('\t').Append(FilterText).Append('\t').Append(_retention).Append('\t').Append(_countsSettled).Append('\t').Append(_wantsInstants);
            if (List is not null)
                text.Append('\t').AppendJoin('.', List.Path).Append('[').Append(ItemFilterText).Append(']');
            foreach (var (reach, mask) in _windows)
                text.Append('\t').Append(reach).Append('/').Append(mask);
            foreach (var (column, settled, windowed) in _columns)
                text.Append('\t').Append(column.Text).Append(':').Append((byte)settled).Append(':').Append((byte)windowed);
            text.Append('\n');
        }
    }

    /// <summary>What a column holds: a field, or something computed of fields.</summary>
    /// <param name="Text">Columns that are written alike are the same.</param>
    public sealed record ColumnSource(EventField? Field, Expression? Computed, string Text)
    {
        public static ColumnSource Of(EventField field) => new(field, null, string.Concat(field.Path.Select(part => $"{part.Length}.{part}")));

        public static ColumnSource Of(Expression computed) => new(null, computed, $"({computed.Text})");
    }

    /// <summary>A property that orders keep.</summary>
    /// <param name="ItemProperties">For a list whose items are looked at: what is looked at of them.</param>
    private sealed record OrderPath(ImmutableArray<string> Path, SortedSet<string>? ItemProperties)
    {
        public OrderField ToField() => new(Path, ItemProperties is null ? default : [.. ItemProperties]);

        public void Describe(StringBuilder text)
        {
            text.AppendJoin('\t', Path);
            if (ItemProperties is not null)
                text.Append("[]\t").AppendJoin('\t', ItemProperties);
            text.Append('\n');
        }
    }
}
