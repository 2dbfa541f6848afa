using System.Diagnostics;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Customers;

/// <summary>One event as a series keeps it.</summary>
/// <param name="Time">In milliseconds since the Unix epoch.</param>
/// <param name="Id">The event's id; null once it is not among the latest.</param>
/// <param name="Weight">1 for what counts as one, 0 for what only adds to sums, -1 for what takes one away.</param>
/// <param name="Values">One value for each column of the selection.</param>
internal readonly record struct SeriesEntry(long Time, string? Id, int Weight, Value[] Values);

/// <summary>
/// The events of one selection that windows can still reach, in order of time, with running totals, so that any window is counted and summed
/// by two look-ups.
/// </summary>
/// <remarks>
/// Immutable. Appending shares storage between versions: a slot beyond the end is claimed by whoever appends first, and a version
/// never reads beyond its own end; whoever comes second copies. Entries at one instant are ordered by their content, then id, so that the
/// order does not depend on which came first.
/// </remarks>
internal sealed class Series
{
    private readonly Storage _storage;
    private readonly int _start;
    private readonly int _end;

    private Series(Storage storage, int start, int end, Settled settled)
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

    public static Series Empty(int columns) => new(new Storage(columns, 0), 0, 0, Settled.Nothing(columns));

    public long TimeAt(int index) => _storage.Times[_start + index];

    public string? IdAt(int index) => _storage.Ids[_start + index];

    public int WeightAt(int index) => _storage.Counts[_start + index + 1] - _storage.Counts[_start + index];

    public Value ValueAt(int column, int index) => _storage.Columns[column].Values[_start + index];

    public SeriesEntry EntryAt(int index)
    {
        var values = new Value[ColumnCount];
        for (var column = 0; column < values.Length; column++)
            values[column] = ValueAt(column, index);
        return new(TimeAt(index), IdAt(index), WeightAt(index), values);
    }

    /// <summary>The sum of weights from one position up to another.</summary>
    public int CountBetween(int from, int to) => _storage.Counts[_start + to] - _storage.Counts[_start + from];

    /// <summary>The sum of a column's numbers from one position up to another.</summary>
    public decimal SumBetween(int column, int from, int to)
    {
        var sums = _storage.Columns[column].Sums;
        return sums[_start + to] - sums[_start + from];
    }

    /// <summary>How many counting entries have a number in the column, from one position up to another.</summary>
    public int NumbersBetween(int column, int from, int to)
    {
        var numbers = _storage.Columns[column].Numbers;
        return numbers[_start + to] - numbers[_start + from];
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
        while (position > 0 && Compare(entry, position - 1) < 0)
            position--;
        if (position == Count && _storage.TryClaim(_end))
        {
            _storage.Write(_end, entry);
            return new(_storage, _start, _end + 1, Settled);
        }

        var copy = new Storage(ColumnCount, Math.Max(4, (Count + 1) * 2));
        for (var index = 0; index <= Count; index++)
            copy.Append(index < position ? EntryAt(index) : index == position ? entry : EntryAt(index - 1));
        return new(copy, 0, Count + 1, Settled);
    }

    /// <summary>The series without its first entries, which are added to what is settled.</summary>
    /// <param name="remember">False where nobody asks for what is settled.</param>
    public Series Settle(int count, Rules.Measures.Selection selection)
    {
        if (count == 0)
            return this;
        var settled = selection.KeepsSettled ? Settled.With(this, count, selection) : Settled;
        return new(_storage, _start + count, _end, settled);
    }

    public Series With(Settled settled) => new(_storage, _start, _end, settled);

    /// <summary>A series of entries that are in order already.</summary>
    public static Series Of(int columns, IReadOnlyList<SeriesEntry> entries, Settled settled)
    {
        var storage = new Storage(columns, entries.Count);
        foreach (var entry in entries)
            storage.Append(entry);
        return new(storage, 0, entries.Count, settled);
    }

    public static int Compare(in SeriesEntry left, in SeriesEntry right)
    {
        var order = left.Time.CompareTo(right.Time);
        if (order == 0)
            order = left.Weight.CompareTo(right.Weight);
        if (order == 0)
            order = left.Values.AsSpan().SequenceCompareTo(right.Values);
        return order == 0 ? string.CompareOrdinal(left.Id, right.Id) : order;
    }

    private int Compare(in SeriesEntry entry, int index)
    {
        var order = entry.Time.CompareTo(TimeAt(index));
        return order == 0 ? Compare(entry, EntryAt(index)) : order;
    }

    private sealed class Storage
    {
        private int _used;

        public Storage(int columns, int capacity)
        {
            Times = new long[capacity];
            Ids = new string?[capacity];
            Counts = new int[capacity + 1];
            Columns = new Column[columns];
            for (var i = 0; i < columns; i++)
                Columns[i] = new(new Value[capacity], new decimal[capacity + 1], new int[capacity + 1]);
        }

        public long[] Times { get; }

        public string?[] Ids { get; }

        /// <summary>Sums of weights: at i, of the entries before i.</summary>
        public int[] Counts { get; }

        public Column[] Columns { get; }

        /// <summary>Takes the slot at that position, if it exists and nobody else has it.</summary>
        public bool TryClaim(int position) =>
            position < Times.Length && Interlocked.CompareExchange(ref _used, position + 1, position) == position;

        public void Append(in SeriesEntry entry)
        {
            var claimed = TryClaim(_used);
            Debug.Assert(claimed, "A new storage is large enough for its entries.");
            Write(_used - 1, entry);
        }

        public void Write(int position, in SeriesEntry entry)
        {
            Times[position] = entry.Time;
            Ids[position] = entry.Id;
            Counts[position + 1] = Counts[position] + entry.Weight;
            for (var i = 0; i < Columns.Length; i++)
            {
                ref readonly var column = ref Columns[i];
                var value = entry.Values[i];
                var isNumber = Amounts.TryRead(value, out var number);
                column.Values[position] = value;
                column.Sums[position + 1] = column.Sums[position] + number;
                column.Numbers[position + 1] = column.Numbers[position] + (isNumber && entry.Weight > 0 ? 1 : 0);
            }
        }
    }

    /// <param name="Values">The values themselves.</param>
    /// <param name="Sums">At i: the sum of the numbers before i.</param>
    /// <param name="Numbers">At i: how many counting entries before i have a number.</param>
    private readonly record struct Column(Value[] Values, decimal[] Sums, int[] Numbers);
}

/// <summary>Numbers as aggregates read them.</summary>
internal static class Amounts
{
    /// <summary>Numbers at or beyond this, either way, are not counted as numbers.</summary>
    public const decimal Limit = 1_000_000_000_000m;

    /// <summary>Further digits are rounded, half to even: with them and the limit, sums of a million entries are exact, so they do not depend on order.</summary>
    public const int DecimalPlaces = 10;

    public static bool TryRead(Value value, out decimal number)
    {
        if (!value.TryNumber(out number) || Math.Abs(number) >= Limit)
        {
            number = 0;
            return false;
        }

        if (number.Scale > DecimalPlaces)
            number = Math.Round(number, DecimalPlaces);
        return true;
    }
}
