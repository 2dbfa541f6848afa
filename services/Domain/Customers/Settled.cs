using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Customers;

/// <summary>What is remembered of events that a series keeps no longer one by one: only what measures without a window ask for.</summary>
/// <remarks>
/// Immutable. Adding the same events in any order, and in any groups, gives the same; only of more different values than <see cref="FactLimits.Values"/>
/// it depends on the order which of them stay among the frequent ones.
/// </remarks>
/// <param name="Entries">How many there were.</param>
/// <param name="Count">The sum of their weights.</param>
/// <param name="FirstTime">The earliest that counts; <see cref="long.MaxValue"/> where none does.</param>
/// <param name="LastTime">The latest that counts; <see cref="long.MinValue"/> where none does.</param>
internal sealed record Settled(long Entries, long Count, long FirstTime, long LastTime, SettledColumn[] Columns)
{
    public static Settled Nothing(int columns) => new(0, 0, long.MaxValue, long.MinValue, new SettledColumn[columns]);

    public bool IsNothing => Entries == 0;

    /// <summary>Whether an event among them counts, so that there is a first and a last.</summary>
    public bool HasCounting => FirstTime != long.MaxValue;

    /// <summary>With some of a series' entries.</summary>
    public Settled With(Series series, int from, int to, Selection selection)
    {
        var columns = new SettledColumn[Columns.Length];
        for (var column = 0; column < columns.Length; column++)
        {
            var asked = selection.Columns[column].Settled;
            var settled = Columns[column];
            for (var index = from; asked != SettledUse.None && index < to; index++)
                settled = settled.With(series.TimeAt(index), series.WeightAt(index), series.ValueAt(column, index), asked, selection.Limits);
            columns[column] = settled;
        }

        var (count, first, last) = (Count, FirstTime, LastTime);
        for (var index = from; index < to; index++)
        {
            count += series.WeightAt(index);
            if (series.WeightAt(index) > 0)
                (first, last) = (Math.Min(first, series.TimeAt(index)), Math.Max(last, series.TimeAt(index)));
        }

        return new(Entries + to - from, count, first, last, columns);
    }
}

/// <summary>What is remembered of one column of events. What nobody asks for stays at its default.</summary>
/// <param name="Sum">Of the numbers.</param>
/// <param name="Numbers">How many were numbers.</param>
/// <param name="First">The earliest value that is not missing; of several at one instant the smallest.</param>
/// <param name="Last">The latest value that is not missing; of several at one instant the largest.</param>
/// <param name="Distinct">The values that are not missing, sorted; null for none. Of too many the smallest.</param>
/// <param name="Frequencies">How often there was which value, by ascending value; null for none. Of too many the most frequent.</param>
internal readonly record struct SettledColumn(
    decimal Sum, long Numbers, Value Minimum, Value Maximum, long FirstTime, Value First, long LastTime, Value Last, Value[]? Distinct,
    Frequency[]? Frequencies)
{
    /// <summary>With one more value. What does not count as an event, or takes one away, only adds to the sum.</summary>
    public SettledColumn With(long time, int weight, Value value, SettledUse asked, FactLimits limits)
    {
        if (value.IsMissing || asked == SettledUse.None)
            return this;
        var result = this;
        if (Amounts.TryRead(value, out var number))
        {
            if ((asked & SettledUse.Sum) != 0)
                result = result with { Sum = Sum + number, Numbers = weight > 0 ? Numbers + 1 : Numbers };
            if (weight > 0 && (asked & SettledUse.Minimum) != 0 && (Minimum.IsMissing || number < Minimum.AsNumber))
                result = result with { Minimum = Value.Of(number) };
            if (weight > 0 && (asked & SettledUse.Maximum) != 0 && (Maximum.IsMissing || number > Maximum.AsNumber))
                result = result with { Maximum = Value.Of(number) };
        }

        if (weight <= 0)
            return result;
        if ((asked & SettledUse.First) != 0 && (First.IsMissing || time < FirstTime || (time == FirstTime && value.CompareTo(First) < 0)))
            result = result with { FirstTime = time, First = value };
        if ((asked & SettledUse.Last) != 0 && (Last.IsMissing || time > LastTime || (time == LastTime && value.CompareTo(Last) > 0)))
            result = result with { LastTime = time, Last = value };
        if ((asked & SettledUse.Distinct) != 0)
            result = result with { Distinct = Insert(Distinct ?? [], value, limits.Values) };
        if ((asked & SettledUse.Frequencies) != 0)
            result = result with { Frequencies = Customers.Frequencies.With(Frequencies ?? [], value, time, limits.Values) };
        return result;
    }

    /// <summary>What two groups of events come to together. Groups know neither different values nor frequencies.</summary>
    public SettledColumn With(in SettledColumn other)
    {
        var result = this with { Sum = Sum + other.Sum, Numbers = Numbers + other.Numbers };
        if (!other.Minimum.IsMissing && (Minimum.IsMissing || other.Minimum.AsNumber < Minimum.AsNumber))
            result = result with { Minimum = other.Minimum };
        if (!other.Maximum.IsMissing && (Maximum.IsMissing || other.Maximum.AsNumber > Maximum.AsNumber))
            result = result with { Maximum = other.Maximum };
        if (!other.First.IsMissing && (First.IsMissing || other.FirstTime < FirstTime || (other.FirstTime == FirstTime && other.First.CompareTo(First) < 0)))
            result = result with { FirstTime = other.FirstTime, First = other.First };
        if (!other.Last.IsMissing && (Last.IsMissing || other.LastTime > LastTime || (other.LastTime == LastTime && other.Last.CompareTo(Last) > 0)))
            result = result with { LastTime = other.LastTime, Last = other.Last };
        return result;
    }

    private static Value[] Insert(Value[] sorted, Value value, int most)
    {
        var position = Array.BinarySearch(sorted, value);
        if (position >= 0)
            return sorted;
        position = ~position;
        if (position >= most)
            return sorted;
        var kept = Math.Min(sorted.Length, most - 1);
        return [.. sorted.AsSpan(0, position), value, .. sorted.AsSpan(position, kept - position)];
    }
}
