using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Customers;

/// <summary>One event as a series keeps it.</summary>
/// <param name="Time">In milliseconds since the Unix epoch.</param>
/// <param name="Id">The event's id; null once it is not among the latest.</param>
/// <param name="Weight">1 for what counts as one, 0 for what only adds to sums, -1 for what takes one away.</param>
/// <param name="Values">One value for each column of the selection.</param>
internal readonly record struct SeriesEntry(long Time, string? Id, int Weight, Value[] Values)
{
    public static SeriesEntry Of(in FieldSource fields, string id, int weight, Selection selection)
    {
        var values = selection.Columns.IsEmpty ? [] : new Value[selection.Columns.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = selection.Columns[i].Of(fields);
        return new(fields.Time, id, weight, values);
    }

    /// <summary>The order of entries, which does not depend on which came first: by time, content and id.</summary>
    public static int Compare(SeriesEntry left, SeriesEntry right)
    {
        var order = left.Time.CompareTo(right.Time);
        if (order == 0)
            order = left.Weight.CompareTo(right.Weight);
        if (order == 0)
            order = left.Values.AsSpan().SequenceCompareTo(right.Values);
        return order == 0 ? string.CompareOrdinal(left.Id, right.Id) : order;
    }
}

/// <summary>
/// The events of one selection that windows can still reach, in order of time, with running totals, so that any window is counted and summed
/// by two look-ups. Positions count the groups of older events first, and then the latest events one by one.
/// </summary>
/// <remarks>
/// Immutable. Appending shares storage between versions: a slot beyond the end is claimed by whoever appends first, and a version
/// never reads beyond its own end; whoever comes second copies.
/// </remarks>
internal sealed partial class Series : IDue
{
    /// <summary>The latest entries are kept even when no window reaches them: they name the events that counted.</summary>
    private const int KeptForReasons = Rules.Expressions.Explanation.MostEvents;

    private readonly SeriesStorage _storage;
    private readonly int _start;
    private readonly int _end;

    private Series(SeriesStorage storage, int start, int end, Settled settled, EventGroups groups)
    {
        _storage = storage;
        _start = start;
        _end = end;
        Settled = settled;
        Groups = groups;
    }

    /// <summary>What is known of all events that are not kept one by one; those in groups are among them.</summary>
    public Settled Settled { get; }

    /// <summary>Events that are not kept one by one, where windows can still reach them.</summary>
    public EventGroups Groups { get; }

    /// <summary>How many of the first positions are groups.</summary>
    public int Grouped => Groups.Count;

    /// <summary>How many events are kept one by one.</summary>
    public int Single => _end - _start;

    public int Count => Grouped + Single;

    public int ColumnCount => _storage.Columns.Length;

    /// <summary>Whether an entry takes one away, so that a count may grow as entries leave.</summary>
    public bool TakesAway => _storage.TakesAway || Groups.TakesAway;

    public static Series Empty(Selection selection) => Of(selection, []);

    /// <summary>A series of entries that are in order already.</summary>
    public static Series Of(Selection selection, IReadOnlyList<SeriesEntry> entries)
    {
        var storage = new SeriesStorage(selection, entries.Count);
        for (var i = 0; i < entries.Count; i++)
            storage.Write(i, entries[i].Time, entries[i].Id, entries[i].Weight, entries[i].Values);
        return Of(storage, entries.Count, Settled.Nothing(selection.Columns.Length), EventGroups.None(selection));
    }

    /// <summary>A series over a storage whose first slots are written.</summary>
    public static Series Of(SeriesStorage storage, int count, Settled settled, EventGroups groups)
    {
        storage.Used = count;
        return new(storage, 0, count, settled, groups);
    }

    /// <summary>Of a group: of its newest event.</summary>
    public long TimeAt(int index) => index < Grouped ? Groups[index].Time : _storage.Slots[SlotOf(index)].Time;

    /// <summary>Only of an event kept by itself; so for <see cref="ValueAt"/>.</summary>
    public string? IdAt(int index) => _storage.Slots[SlotOf(index)].Id;

    public int WeightAt(int index) => index < Grouped ? Groups[index].Weight : _storage.Slots[SlotOf(index)].Weight;

    public Value ValueAt(int column, int index) => _storage.Columns[column].Values[SlotOf(index)];

    /// <summary>The sum of weights from one position up to another.</summary>
    public int CountBetween(int from, int to)
    {
        var count = from < Grouped ? Groups.WeightBefore(Math.Min(to, Grouped)) - Groups.WeightBefore(from) : 0;
        var (first, end) = (SlotOf(Math.Max(from, Grouped)), SlotOf(to));
        return first >= end ? count : count + _storage.Slots[end - 1].Count - _storage.Slots[first].Count + _storage.Slots[first].Weight;
    }

    /// <summary>The sum of a column's numbers from one position up to another.</summary>
    public decimal SumBetween(int column, int from, int to)
    {
        if (from < Grouped)
            return TotalBefore(column, to).Sum - TotalBefore(column, from).Sum;
        var totals = _storage.Columns[column].Totals!;
        return totals[SlotOf(to)].Sum - totals[SlotOf(from)].Sum;
    }

    /// <summary>Whether a column has a number, or of a group a sum, below zero from one position up to another.</summary>
    public bool HasNegative(int column, int from, int to) => TotalBefore(column, to).Negatives != TotalBefore(column, from).Negatives;

    /// <summary>How many counting entries have a number in the column, from one position up to another.</summary>
    public int NumbersBetween(int column, int from, int to)
    {
        if (from < Grouped)
            return TotalBefore(column, to).Numbers - TotalBefore(column, from).Numbers;
        var totals = _storage.Columns[column].Totals!;
        return totals[SlotOf(to)].Numbers - totals[SlotOf(from)].Numbers;
    }

    /// <summary>Totals before a position: of nothing that they could be compared with but others of this series.</summary>
    public SeriesTotal TotalBefore(int column, int index)
    {
        if (index < Grouped)
            return Groups.TotalBefore(column, index);
        var total = _storage.Columns[column].Totals![SlotOf(index)];
        if (Grouped == 0)
            return total;
        var (start, groups) = (_storage.Columns[column].Totals![_start], Groups.TotalBefore(column, Grouped));
        return new(total.Sum - start.Sum + groups.Sum, total.Numbers - start.Numbers + groups.Numbers, total.Negatives - start.Negatives + groups.Negatives);
    }

    /// <summary>The position of the first entry later than an instant.</summary>
    public int FirstAfter(long time)
    {
        if (Grouped > 0 && Groups.Last > time)
            return Groups.FirstAfter(time);

        // Most windows reach to one of the ends.
        var slots = _storage.Slots.AsSpan(_start, Single);
        if (slots.IsEmpty || slots[0].Time > time)
            return Grouped;
        if (slots[^1].Time <= time)
            return Count;
        var (low, high) = (0, slots.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (slots[middle].Time <= time)
                low = middle + 1;
            else
                high = middle;
        }

        return Grouped + low;
    }

    /// <summary>As <see cref="FirstAfter"/>, where groups that lie in one cell enter and leave as one, at the time of their newest event.</summary>
    public int FirstAfter(long time, long mask)
    {
        var index = FirstAfter(time);
        return index < Grouped ? FirstAfter((TimeAt(index) & ~mask) - 1) : index;
    }

    /// <summary>When the event counts as having happened: of groups that lie in one cell the newest event's time.</summary>
    public long TimeAt(int index, long mask) => index < Grouped ? TimeAt(Math.Min(FirstAfter(Band.EndOf(TimeAt(index), mask)), Grouped) - 1) : TimeAt(index);

    /// <summary>The series with an accepted event or order, or with the items of its list.</summary>
    public Series With(in FieldSource fields, string id, int weight)
    {
        var selection = _storage.Selection;
        if (selection.List is null)
            return Append(fields, id, weight);
        var series = this;
        foreach (var item in selection.ItemsOf(fields))
        {
            if (selection.AcceptsItem(fields, item, out var itemFields))
                series = series.Append(itemFields, id, weight);
        }

        return series;
    }

    /// <summary>The series with one more entry, whose values are those fields.</summary>
    private Series Append(in FieldSource fields, string id, int weight)
    {
        if (Single > 0 && _storage.Slots[_end - 1].Time >= fields.Time)
            return Insert(SeriesEntry.Of(fields, id, weight, _storage.Selection));
        var (storage, start) = Room();
        storage.Write(start + Single, fields, id, weight);
        return new(storage, start, start + Single + 1, Settled, Groups);
    }

    /// <summary>The series with one more entry.</summary>
    public Series Insert(in SeriesEntry entry)
    {
        var position = Single;
        while (position > 0 && IsBefore(entry, position - 1))
            position--;
        var (storage, start) = position == Single ? Room() : (_storage.Copy(_start, position, Single + 1, Single + 4), 0);
        storage.Write(start + position, entry.Time, entry.Id, entry.Weight, entry.Values);
        for (var index = position; index < Single; index++)
        {
            var moved = EntryAt(index);
            storage.Write(start + index + 1, moved.Time, moved.Id, moved.Weight, moved.Values);
        }

        return new(storage, start, start + Single + 1, Settled, Groups);
    }

    /// <summary>A storage with these entries and a free slot after them, and where they start in it.</summary>
    private (SeriesStorage Storage, int Start) Room() =>
        _storage.TryClaim(_end) ? (_storage, _start) : (_storage.Copy(_start, Single, Single + 1, Math.Max(4, Single * 2)), 0);

    /// <summary>
    /// The series as of an instant: without the entries and groups that no window reaches, and with those in groups that are more than are kept one by one. All
    /// of them are added to what is settled where a measure asks for that.
    /// </summary>
    public Series Settle(long asOf)
    {
        if (asOf < Due)
            return this;
        var selection = _storage.Selection;
        var (groups, settled) = (Groups.Settle(selection, asOf), 0);
        var reach = selection.Bands[^1];
        if (reach.Reach != long.MaxValue)
            settled = Math.Clamp(FirstAfter(((asOf - reach.Reach + 1) & ~reach.Mask) - 1) - Grouped, 0, Math.Max(0, Single - KeptForReasons));
        var left = settled;
        for (; Single - left > selection.Limits.Entries; left++)
            groups = groups.With(EntryAt(left), selection, asOf);
        if (left == 0 && ReferenceEquals(groups, Groups))
            return this;
        return new(_storage, _start + left, _end, selection.KeepsSettled && left > 0 ? Settled.With(this, Grouped, Grouped + left, selection) : Settled, groups);
    }

    /// <summary>Before this instant there is nothing to settle.</summary>
    public long Due => Math.Min(
        Groups.Next,
        Single > _storage.Selection.Limits.Entries ? long.MinValue
        : Single <= KeptForReasons ? long.MaxValue
        : Band.LeavesAt(_storage.Selection.Bands, _storage.Selection.Bands.Length - 1, _storage.Slots[_start].Time));

    private int SlotOf(int index) => _start + index - Grouped;

    /// <param name="index">Among those kept one by one.</param>
    private SeriesEntry EntryAt(int index)
    {
        var values = new Value[ColumnCount];
        for (var column = 0; column < values.Length; column++)
            values[column] = _storage.Columns[column].Values[_start + index];
        ref readonly var slot = ref _storage.Slots[_start + index];
        return new(slot.Time, slot.Id, slot.Weight, values);
    }

    private bool IsBefore(in SeriesEntry entry, int index)
    {
        var time = _storage.Slots[_start + index].Time;
        return entry.Time < time || (entry.Time == time && SeriesEntry.Compare(entry, EntryAt(index)) < 0);
    }
}
