using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Customers;

/// <content>Counts different values.</content>
internal sealed partial class Series
{
    /// <summary>How many different values a column has from one position up to another.</summary>
    /// <remarks>Of older events, each value is known where it was seen last.</remarks>
    /// <param name="leaving">The entry with whose leaving a value is gone first; -1 if there is none.</param>
    public int DistinctBetween(int column, int from, int to, out int leaving)
    {
        leaving = -1;
        if (from >= to)
            return 0;
        var (first, end) = (SlotOf(Math.Max(from, Grouped)), SlotOf(to));
        var values = from < Grouped ? new HashSet<Value>() : null;
        var (count, slot) = first < end ? DistinctSlots(column, first, end, values) : (0, -1);
        if (slot >= 0)
            leaving = slot - _start + Grouped;
        if (values is null)
            return count;
        var (after, until) = (from == 0 ? long.MinValue : TimeAt(from - 1), TimeAt(Math.Min(to, Grouped) - 1));
        foreach (var (value, time) in Groups.Seen[column])
        {
            if (time <= after || time > until || !values.Add(value))
                continue;
            count++;
            var group = FirstAfter(time - 1);
            leaving = leaving < 0 ? group : Math.Min(leaving, group);
        }

        return count;
    }

    /// <summary>How many different values a column of entries kept one by one has that are not among some others, which are sorted.</summary>
    public int DistinctBeside(int column, int from, int to, Value[] others)
    {
        var found = new List<Value>();
        if (from < to)
            DistinctSlots(column, SlotOf(from), SlotOf(to), found);
        return found.Count(value => Array.BinarySearch(others, value) < 0);
    }

    /// <param name="found">Where to put the values; null for nowhere.</param>
    private (int Count, int Leaving) DistinctSlots(int column, int first, int end, ICollection<Value>? found)
    {
        var (values, before) = (_storage.Columns[column].Values, _storage.Columns[column].Before!);
        var length = end - first;
        Span<bool> comesAgain = length <= 1_024 ? stackalloc bool[length] : new bool[length];
        var (count, leaving) = (0, -1);
        for (var index = length - 1; index >= 0; index--)
        {
            if (before[first + index] >= first)
                comesAgain[before[first + index] - first] = true;
        }

        for (var index = length - 1; index >= 0; index--)
        {
            if (comesAgain[index] || before[first + index] == SeriesStorage.NoValue)
                continue;
            count++;
            leaving = first + index;
            found?.Add(values[first + index]);
        }

        return (count, leaving);
    }
}
