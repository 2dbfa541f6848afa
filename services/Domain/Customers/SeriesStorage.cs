using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Customers;

/// <summary>Where series keep their entries: slots that are written once, in order.</summary>
internal sealed class SeriesStorage
{
    /// <summary>In <see cref="SeriesColumn.Before"/>: there is no value here that could be counted.</summary>
    public const int NoValue = -2;

    private int _used;

    public SeriesStorage(Selection selection, int capacity)
        : this(selection, capacity, new SeriesColumn[selection.Columns.Length])
    {
        for (var i = 0; i < Columns.Length; i++)
            Columns[i] = SeriesColumn.Of(capacity, selection.Columns[i].IsSummed, selection.Columns[i].IsCountedByValue);
    }

    private SeriesStorage(Selection selection, int capacity, SeriesColumn[] columns)
    {
        Selection = selection;
        Slots = new SeriesSlot[capacity];
        Columns = columns;
    }

    /// <summary>Whose entries they are.</summary>
    public Selection Selection { get; }

    public SeriesSlot[] Slots { get; }

    public SeriesColumn[] Columns { get; }

    /// <summary>Whether an entry was written that takes one away.</summary>
    public bool TakesAway { get; private set; }

    /// <summary>How many slots are written; set once, by whoever made the storage.</summary>
    public int Used
    {
        set => _used = value;
    }

    /// <summary>Takes the slot at that position, if it exists and nobody else has it.</summary>
    public bool TryClaim(int position) =>
        position < Slots.Length && Interlocked.CompareExchange(ref _used, position + 1, position) == position;

    public void Write(int position, long time, string? id, int weight, ReadOnlySpan<Value> values)
    {
        TakesAway |= weight < 0;
        Slots[position] = new(time, id, weight, (position == 0 ? 0 : Slots[position - 1].Count) + weight);
        for (var i = 0; i < values.Length; i++)
            Columns[i].Write(position, weight, values[i]);
    }

    /// <summary>Writes an entry with those fields as its values.</summary>
    public void Write(int position, in FieldSource fields, string id, int weight)
    {
        Write(position, fields.Time, id, weight, []);
        for (var i = 0; i < Columns.Length; i++)
            Columns[i].Write(position, weight, Selection.Columns[i].Of(fields));
    }

    /// <summary>A storage with some of these slots as its first.</summary>
    /// <param name="used">How many slots are taken at once: those copied, and those that the caller writes.</param>
    public SeriesStorage Copy(int start, int count, int used, int capacity)
    {
        var copy = new SeriesStorage(Selection, capacity, new SeriesColumn[Columns.Length]) { Used = used, TakesAway = TakesAway };
        Array.Copy(Slots, start, copy.Slots, 0, count);
        for (var i = 0; i < Columns.Length; i++)
            copy.Columns[i] = Columns[i].Copy(start, count, capacity);
        return copy;
    }
}

/// <summary>One entry of a storage, but for its values.</summary>
/// <param name="Count">The sum of weights up to and with this entry; where the entries before the first are no more, of those too.</param>
internal readonly record struct SeriesSlot(long Time, string? Id, int Weight, int Count);

/// <summary>Sums of a column's entries before a slot.</summary>
/// <param name="Sum">Of the numbers.</param>
/// <param name="Numbers">How many counting entries have a number.</param>
/// <param name="Negatives">How many entries have a number below zero.</param>
internal readonly record struct SeriesTotal(decimal Sum, int Numbers, int Negatives);

/// <summary>One column of a storage.</summary>
/// <param name="Values">The values themselves.</param>
/// <param name="Totals">At i: of the entries before i. Null where nobody sums.</param>
/// <param name="Before">At i: the slot before i with the same value, or -1. Null where nobody counts different values.</param>
internal readonly record struct SeriesColumn(Value[] Values, SeriesTotal[]? Totals, int[]? Before)
{
    public static SeriesColumn Of(int capacity, bool isSummed, bool isCountedByValue) => new(
        new Value[capacity],
        isSummed ? new SeriesTotal[capacity + 1] : null,
        isCountedByValue ? new int[capacity] : null);

    public void Write(int position, int weight, Value value)
    {
        Values[position] = value;
        if (Totals is not null)
        {
            var isNumber = Amounts.TryRead(value, out var number);
            var (sum, numbers, negatives) = Totals[position];
            Totals[position + 1] = new(sum + number, isNumber && weight > 0 ? numbers + 1 : numbers, number < 0 ? negatives + 1 : negatives);
        }

        if (Before is not null)
            Before[position] = weight <= 0 || value.IsMissing ? SeriesStorage.NoValue : LastBefore(position, value);
    }

    public SeriesColumn Copy(int start, int count, int capacity)
    {
        var copy = Of(capacity, Totals is not null, Before is not null);
        Array.Copy(Values, start, copy.Values, 0, count);
        if (Totals is not null)
            Array.Copy(Totals, start, copy.Totals!, 0, count + 1);
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
