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
    private readonly List<ImmutableArray<string>> _orderPaths = [[Order.TotalProperty]];
    private ImmutableArray<Selection> _selections;

    /// <summary>The field of that path, as events of that source keep it.</summary>
    public EventField FieldOf(SelectionSource source, ImmutableArray<string> path)
    {
        if (source != SelectionSource.Orders || !EventField.IsProperty(path))
            return new(path, -1);
        var slot = _orderPaths.FindIndex(known => known.AsSpan().SequenceEqual(path.AsSpan()));
        if (slot < 0)
        {
            slot = _orderPaths.Count;
            _orderPaths.Add(path);
        }

        return new(path, slot);
    }

    /// <summary>The selection of that source, name and filter.</summary>
    /// <param name="filterText">Filters that are written alike are the same.</param>
    public Draft SelectionOf(SelectionSource source, string? name, Expression? filter, string filterText)
    {
        var draft = _drafts.Find(known => known.Source == source && known.Name == name && known.FilterText == filterText);
        if (draft is null)
        {
            draft = new Draft(_drafts.Count, source, name, filter, filterText);
            _drafts.Add(draft);
        }

        return draft;
    }

    /// <summary>What was gathered, once every rule is bound. From then on aggregates find their selections.</summary>
    public MeasureSet Build(IReadOnlyDictionary<string, EventKind> kinds, DateTimeZone zone)
    {
        _selections = [.. _drafts.Select(draft => draft.ToSelection())];
        var orderFields = _orderPaths.Select((path, slot) => new EventField(path, slot)).ToImmutableArray();
        return new(_selections, orderFields, kinds, zone, Fingerprint(kinds, zone));
    }

    /// <summary>Names everything that facts depend on: facts are exchangeable between rulebooks where this is equal.</summary>
    private ulong Fingerprint(IReadOnlyDictionary<string, EventKind> kinds, DateTimeZone zone)
    {
        var text = new StringBuilder().Append(zone.Id).Append('\n');
        foreach (var (name, kind) in kinds.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            text.Append(name).Append('\t').Append(kind).Append('\n');
        foreach (var path in _orderPaths)
            text.AppendJoin('\t', path).Append('\n');
        foreach (var draft in _drafts)
            draft.Describe(text);
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>A selection while it is not known yet who else looks at it.</summary>
    public sealed class Draft(int index, SelectionSource source, string? name, Expression? filter, string filterText)
    {
        private readonly List<(EventField Field, SettledUse Settled, SettledUse Used)> _columns = [];
        private Selection? _selection;
        private long _retention;
        private bool _countsSettled;

        public int Index { get; } = index;

        public SelectionSource Source { get; } = source;

        public string? Name { get; } = name;

        public string FilterText { get; } = filterText;

        /// <summary>The finished selection.</summary>
        /// <exception cref="InvalidOperationException">The rulebook is not bound to its end yet.</exception>
        public Selection Selection => _selection ?? throw new InvalidOperationException("The rulebook is not bound to its end yet.");

        /// <summary>Notes a measure that looks at the events themselves, or at a field of them.</summary>
        /// <param name="use">What it makes of the field.</param>
        /// <param name="window">Its window in milliseconds; 0 for none.</param>
        /// <param name="everything">Whether it wants all events kept, since where it begins depends on other events.</param>
        /// <returns>The field's column; -1 for the events themselves.</returns>
        public int Use(EventField? field, SettledUse use, long window, bool everything)
        {
            var isUnbounded = window == 0 && !everything;
            _retention = Math.Max(_retention, everything && window == 0 ? long.MaxValue : window);
            if (field is null)
            {
                _countsSettled |= isUnbounded;
                return -1;
            }

            var column = _columns.FindIndex(known => known.Field == field);
            if (column < 0)
            {
                column = _columns.Count;
                _columns.Add((field, SettledUse.None, SettledUse.None));
            }

            var known = _columns[column];
            _columns[column] = (field, isUnbounded ? known.Settled | use : known.Settled, known.Used | use);
            return column;
        }

        public Selection ToSelection() => _selection = new()
        {
            Index = Index,
            Source = Source,
            Name = Name,
            Filter = filter,
            Retention = _retention,
            CountsSettled = _countsSettled,
            Columns = [.. _columns.Select(column => new SelectionColumn(
                column.Field, column.Settled, (column.Used & SettledUse.Sum) != 0, (column.Used & SettledUse.Distinct) != 0))],
        };

        public void Describe(StringBuilder text)
        {
            text.Append(Source).Append('\t').Append(Name).Append('\t').Append(FilterText).Append('\t').Append(_retention).Append('\t').Append(_countsSettled);
            foreach (var (field, settled, _) in _columns)
                text.Append('\t').AppendJoin('.', field.Path).Append(':').Append((byte)settled);
            text.Append('\n');
        }
    }
}
