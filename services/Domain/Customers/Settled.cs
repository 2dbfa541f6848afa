using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Customers;

/// <summary>What is remembered of events that no window reaches any longer: only what measures without a window ask for.</summary>
/// <remarks>Immutable. Adding the same events in any order, and in any groups, gives the same.</remarks>
internal sealed record Settled(long Count, long FirstTime, long LastTime, SettledColumn[] Columns)
{
    public static Settled Nothing(int columns) => new(0, 0, 0, new SettledColumn[columns]);

    public bool IsNothing => Count == 0;

    /// <summary>With the first entries of a series, which are none that take away: only orders have those, and orders are not settled.</summary>
    public Settled With(Series series, int count, Selection selection)
    {
        var columns = new SettledColumn[Columns.Length];
        for (var column = 0; column < columns.Length; column++)
        {
            var asked = selection.Columns[column].Settled;
            var settled = Columns[column];
            if (asked != SettledUse.None)
            {
                for (var index = 0; index < count; index++)
                    settled = settled.With(series.TimeAt(index), series.ValueAt(column, index), asked);
            }

            columns[column] = settled;
        }

        var first = series.TimeAt(0);
        var last = series.TimeAt(count - 1);
        return new(
            Count + count,
            IsNothing ? first : Math.Min(FirstTime, first),
            IsNothing ? last : Math.Max(LastTime, last),
            columns);
    }
}

/// <summary>What is remembered of one column of settled events. What nobody asks for stays at its default.</summary>
/// <param name="Sum">Of the numbers.</param>
/// <param name="Numbers">How many were numbers.</param>
/// <param name="First">The earliest value that is not missing; of several at one instant the smallest.</param>
/// <param name="Last">The latest value that is not missing; of several at one instant the largest.</param>
/// <param name="Distinct">The values that are not missing, sorted; null for none.</param>
/// <param name="Frequencies">How often there was which value, by ascending value; null for none.</param>
internal readonly record struct SettledColumn(
    decimal Sum, long Numbers, Value Minimum, Value Maximum, long FirstTime, Value First, long LastTime, Value Last, Value[]? Distinct,
    Frequency[]? Frequencies)
{
    public SettledColumn With(long time, Value value, SettledUse asked)
    {
        if (value.IsMissing)
            return this;
        var result = this;
        if (Amounts.TryRead(value, out var number))
        {
            if ((asked & SettledUse.Sum) != 0)
                result = result with { Sum = Sum + number, Numbers = Numbers + 1 };
            if ((asked & SettledUse.Minimum) != 0 && (Minimum.IsMissing || number < Minimum.AsNumber))
                result = result with { Minimum = Value.Of(number) };
            if ((asked & SettledUse.Maximum) != 0 && (Maximum.IsMissing || number > Maximum.AsNumber))
                result = result with { Maximum = Value.Of(number) };
        }

        if ((asked & SettledUse.First) != 0 && (First.IsMissing || time < FirstTime || (time == FirstTime && value.CompareTo(First) < 0)))
            result = result with { FirstTime = time, First = value };
        if ((asked & SettledUse.Last) != 0 && (Last.IsMissing || time > LastTime || (time == LastTime && value.CompareTo(Last) > 0)))
            result = result with { LastTime = time, Last = value };
        if ((asked & SettledUse.Distinct) != 0)
            result = result with { Distinct = Insert(Distinct ?? [], value) };
        if ((asked & SettledUse.Frequencies) != 0)
            result = result with { Frequencies = Customers.Frequencies.With(Frequencies ?? [], value, time) };
        return result;
    }

    private static Value[] Insert(Value[] sorted, Value value)
    {
        var position = Array.BinarySearch(sorted, value);
        if (position >= 0)
            return sorted;
        position = ~position;
        return [.. sorted.AsSpan(0, position), value, .. sorted.AsSpan(position)];
    }
}
