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

    public long TimeAt(int index) => _storage.Times[_start + index];

    public string? IdAt(int index) => _storage.Ids[_start + index];

    public int WeightAt(int index) => _storage.Counts[_start + index + 1] - _storage.Counts[_start + index];

    public Value ValueAt(int column, int index) => _storage.Columns[column].Values[_start + index];

    /// <summary>The sum of weights from one position up to another.</summary>
    public int CountBetween(int from, int to) => _storage.Counts[_start + to] - _storage.Counts[_start + from];

    /// <summary>The sum of a column's numbers from one position up to another.</summary>
    public decimal SumBetween(int column, int from, int to)
    {
        var sums = _storage.Columns[column].Sums!;
        return sums[_start + to] - sums[_start + from];
    }

    /// <summary>How many counting entries have a number in the column, from one position up to another.</summary>
    public int NumbersBetween(int column, int from, int to)
    {
        var numbers = _storage.Columns[column].Numbers!;
        return numbers[_start + to] - numbers[_start + from];
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

    /// <summary>The series with one more entry.</summary>
    public Series With(in SeriesEntry entry)
    {
        var position = Count;
        while (position > 0 && IsBefore(entry, position - 1))
            position--;
        if (position == Count)
        {
            if (_storage.TryClaim(_end))
            {
                _storage.Write(_end, entry.Time, entry.Id, entry.Weight, entry.Values);
                return new(_storage, _start, _end + 1, Settled);
            }

            var larger = _storage.Copy(_start, Count, Math.Max(4, Count * 2));
            larger.Write(Count, entry.Time, entry.Id, entry.Weight, entry.Values);
            return Of(larger, Count + 1, Settled);
        }

        var copy = _storage.Copy(_start, position, Count + 4);
        copy.Write(position, entry.Time, entry.Id, entry.Weight, entry.Values);
        for (var index = position; index < Count; index++)
            copy.Write(index + 1, TimeAt(index), IdAt(index), WeightAt(index), EntryAt(index).Values);
        return Of(copy, Count + 1, Settled);
    }

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

/// <summary>Where series keep their entries: slots that are written once, in order.</summary>
internal sealed class SeriesStorage
{
    /// <summary>In <see cref="SeriesColumn.Before"/>: there is no value here that could be counted.</summary>
    public const int NoValue = -2;

    private int _used;

    public SeriesStorage(Selection selection, int capacity)
        : this(capacity, new SeriesColumn[selection.Columns.Length])
    {
        for (var i = 0; i < Columns.Length; i++)
            Columns[i] = SeriesColumn.Of(capacity, selection.Columns[i].IsSummed, selection.Columns[i].IsCountedByValue);
    }

    private SeriesStorage(int capacity, SeriesColumn[] columns)
    {
        Times = new long[capacity];
        Ids = new string?[capacity];
        Counts = new int[capacity + 1];
        Columns = columns;
    }

    public long[] Times { get; }

    public string?[] Ids { get; }

    /// <summary>Sums of weights: at i, of the entries before i.</summary>
    public int[] Counts { get; }

    public SeriesColumn[] Columns { get; }

    /// <summary>How many slots are written; set once, by whoever made the storage.</summary>
    public int Used
    {
        set => _used = value;
    }

    /// <summary>Takes the slot at that position, if it exists and nobody else has it.</summary>
    public bool TryClaim(int position) =>
        position < Times.Length && Interlocked.CompareExchange(ref _used, position + 1, position) == position;

    public void Write(int position, long time, string? id, int weight, ReadOnlySpan<Value> values)
    {
        Times[position] = time;
        Ids[position] = id;
        Counts[position + 1] = Counts[position] + weight;
        for (var i = 0; i < values.Length; i++)
            Columns[i].Write(position, weight, values[i]);
    }

    /// <summary>A storage with some of these slots as its first.</summary>
    public SeriesStorage Copy(int start, int count, int capacity)
    {
        var copy = new SeriesStorage(capacity, new SeriesColumn[Columns.Length]);
        Array.Copy(Times, start, copy.Times, 0, count);
        Array.Copy(Ids, start, copy.Ids, 0, count);
        Array.Copy(Counts, start, copy.Counts, 0, count + 1);
        for (var i = 0; i < Columns.Length; i++)
            copy.Columns[i] = Columns[i].Copy(start, count, capacity);
        return copy;
    }
}

/// <summary>One column of a storage.</summary>
/// <param name="Values">The values themselves.</param>
/// <param name="Sums">At i: the sum of the numbers before i. Null where nobody sums.</param>
/// <param name="Numbers">At i: how many counting entries before i have a number. Null where nobody sums.</param>
/// <param name="Before">At i: the slot before i with the same value, or -1. Null where nobody counts different values.</param>
internal readonly record struct SeriesColumn(Value[] Values, decimal[]? Sums, int[]? Numbers, int[]? Before)
{
    public static SeriesColumn Of(int capacity, bool isSummed, bool isCountedByValue) => new(
        new Value[capacity],
        isSummed ? new decimal[capacity + 1] : null,
        isSummed ? new int[capacity + 1] : null,
        isCountedByValue ? new int[capacity] : null);

    public void Write(int position, int weight, Value value)
    {
        Values[position] = value;
        if (Sums is not null)
        {
            var isNumber = Amounts.TryRead(value, out var number);
            Sums[position + 1] = Sums[position] + number;
            Numbers![position + 1] = Numbers[position] + (isNumber && weight > 0 ? 1 : 0);
        }

        if (Before is not null)
            Before[position] = weight <= 0 || value.IsMissing ? SeriesStorage.NoValue : LastBefore(position, value);
    }

    public SeriesColumn Copy(int start, int count, int capacity)
    {
        var copy = Of(capacity, Sums is not null, Before is not null);
        Array.Copy(Values, start, copy.Values, 0, count);
        if (Sums is not null)
        {
            Array.Copy(Sums, start, copy.Sums!, 0, count + 1);
            Array.Copy(Numbers!, start, copy.Numbers!, 0, count + 1);
        }

        for (var i = 0; Before is not null && i < count; i++)
            copy.Before![i] = Before[start + i] < 0 ? Before[start + i] : Math.Max(-1, Before[start + i] - start);
        return copy;
    }

    private int LastBefore(int position, Value value)
    {
        for (var index = position - 1; index >= 0; index--)
        {
            if (Before![index] != SeriesStorage.NoValue && Values[index] == value)
                return index;
        }

        return -1;
    }
}
