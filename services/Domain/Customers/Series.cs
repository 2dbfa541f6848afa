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
/// by two look-ups.
/// </summary>
/// <remarks>
/// Immutable. Appending shares storage between versions: a slot beyond the end is claimed by whoever appends first, and a version
/// never reads beyond its own end; whoever comes second copies.
/// </remarks>
internal sealed class Series
{
    private readonly SeriesStorage _storage;
    private readonly int _start;
    private readonly int _end;

    private Series(SeriesStorage storage, int start, int end, Settled settled)
    {
        _storage = storage;
        _start = start;
        _end = end;
        Settled = settled;
    }

    /// <summary>What is known of events that have left the series.</summary>
    public Settled Settled { get; }

    public int Count => _end - _start;

    public int ColumnCount => _storage.Columns.Length;

    public static Series Empty(Selection selection) => new(new SeriesStorage(selection, 0), 0, 0, Settled.Nothing(selection.Columns.Length));

    /// <summary>A series of entries that are in order already.</summary>
    public static Series Of(Selection selection, IReadOnlyList<SeriesEntry> entries)
    {
        var storage = new SeriesStorage(selection, entries.Count);
        for (var i = 0; i < entries.Count; i++)
            storage.Write(i, entries[i].Time, entries[i].Id, entries[i].Weight, entries[i].Values);
        return Of(storage, entries.Count, Settled.Nothing(selection.Columns.Length));
    }

    /// <summary>A series over a storage whose first slots are written.</summary>
    public static Series Of(SeriesStorage storage, int count, Settled settled)
    {
        storage.Used = count;
        return new(storage, 0, count, settled);
    }

    public long TimeAt(int index) => _storage.Slots[_start + index].Time;

    public string? IdAt(int index) => _storage.Slots[_start + index].Id;

    public int WeightAt(int index) => _storage.Slots[_start + index].Weight;

    public Value ValueAt(int column, int index) => _storage.Columns[column].Values[_start + index];

    /// <summary>The sum of weights from one position up to another.</summary>
    public int CountBetween(int from, int to)
    {
        if (from == to)
            return 0;
        ref readonly var first = ref _storage.Slots[_start + from];
        return _storage.Slots[_start + to - 1].Count - first.Count + first.Weight;
    }

    /// <summary>The sum of a column's numbers from one position up to another.</summary>
    public decimal SumBetween(int column, int from, int to)
    {
        var totals = _storage.Columns[column].Totals!;
        return totals[_start + to].Sum - totals[_start + from].Sum;
    }

    /// <summary>Whether a column has a number below zero from one position up to another.</summary>
    public bool HasNegative(int column, int from, int to)
    {
        var totals = _storage.Columns[column].Totals!;
        return totals[_start + to].Negatives != totals[_start + from].Negatives;
    }

    /// <summary>How many counting entries have a number in the column, from one position up to another.</summary>
    public int NumbersBetween(int column, int from, int to)
    {
        var totals = _storage.Columns[column].Totals!;
        return totals[_start + to].Numbers - totals[_start + from].Numbers;
    }

    /// <summary>How many different values a column has from one position up to another.</summary>
    /// <param name="leaving">The entry with whose leaving a value is gone first; -1 if there is none.</param>
    public int DistinctBetween(int column, int from, int to, out int leaving)
    {
        var (values, before) = (_storage.Columns[column].Values, _storage.Columns[column].Before!);
        Span<bool> comesAgain = to - from <= 1_024 ? stackalloc bool[to - from] : new bool[to - from];
        var (first, count) = (_start + from, 0);
        for (var index = to - from - 1; index >= 0; index--)
        {
            if (before[first + index] >= first)
                comesAgain[before[first + index] - first] = true;
        }

        leaving = -1;
        for (var index = to - from - 1; index >= 0; index--)
        {
            if (comesAgain[index] || before[first + index] == SeriesStorage.NoValue)
                continue;
            count++;
            leaving = from + index;
        }

        return count;
    }

    /// <summary>The position of the first entry later than an instant.</summary>
    public int FirstAfter(long time)
    {
        // Most windows reach to one of the ends.
        if (Count == 0 || TimeAt(0) > time)
            return 0;
        if (TimeAt(Count - 1) <= time)
            return Count;
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (TimeAt(middle) <= time)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>The series with one more entry, whose values are fields of an event or order.</summary>
    public Series With(in FieldSource fields, string id, int weight, Selection selection)
    {
        if (Count > 0 && TimeAt(Count - 1) >= fields.Time)
            return Insert(SeriesEntry.Of(fields, id, weight, selection));
        var (storage, start) = Room();
        storage.Write(start + Count, fields, id, weight, selection);
        return new(storage, start, start + Count + 1, Settled);
    }

    private Series Insert(in SeriesEntry entry)
    {
        var position = Count;
        while (position > 0 && IsBefore(entry, position - 1))
            position--;
        var (storage, start) = position == Count ? Room() : (_storage.Copy(_start, position, Count + 1, Count + 4), 0);
        storage.Write(start + position, entry.Time, entry.Id, entry.Weight, entry.Values);
        for (var index = position; index < Count; index++)
            storage.Write(start + index + 1, TimeAt(index), IdAt(index), WeightAt(index), EntryAt(index).Values);
        return new(storage, start, start + Count + 1, Settled);
    }

    /// <summary>A storage with these entries and a free slot after them, and where they start in it.</summary>
    private (SeriesStorage Storage, int Start) Room() =>
        _storage.TryClaim(_end) ? (_storage, _start) : (_storage.Copy(_start, Count, Count + 1, Math.Max(4, Count * 2)), 0);

    /// <summary>The series without its first entries, which are added to what is settled where a measure asks for that.</summary>
    public Series Settle(int count, Selection selection) =>
        new(_storage, _start + count, _end, selection.KeepsSettled ? Settled.With(this, count, selection) : Settled);

    private SeriesEntry EntryAt(int index)
    {
        var values = new Value[ColumnCount];
        for (var column = 0; column < values.Length; column++)
            values[column] = ValueAt(column, index);
        return new(TimeAt(index), IdAt(index), WeightAt(index), values);
    }

    private bool IsBefore(in SeriesEntry entry, int index)
    {
        var time = TimeAt(index);
        return entry.Time < time || (entry.Time == time && SeriesEntry.Compare(entry, EntryAt(index)) < 0);
    }
}
