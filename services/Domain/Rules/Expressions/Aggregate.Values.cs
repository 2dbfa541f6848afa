using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Rules.Expressions;

/// <content>What the figures are.</content>
internal sealed partial class Aggregate
{
    /// <summary>The figure, and the position of the entry with whose leaving it may become another; -1 where none can.</summary>
    private (Value Value, int StandsUntilLeft) ValueOf(Range range) => function switch
    {
        AggregateFunction.Count => (Value.Of((decimal)CountOf(range)), range.From),
        AggregateFunction.Sum => (Value.Of(SumOf(range)), range.From),
        AggregateFunction.Average => (AverageOf(range), range.From),
        AggregateFunction.First when column < 0 => FirstInstant(range),
        AggregateFunction.Last when column < 0 => LastInstant(range),
        AggregateFunction.First => FirstValue(range),
        AggregateFunction.Last => LastValue(range),
        AggregateFunction.Distinct => Distinct(range),
        AggregateFunction.Top => Frequencies.Top(range.Series, column, Math.Max(range.From, Math.Min(range.Series.Grouped, range.To)), range.To, range.Settled?.Columns[column].Frequencies ?? []),
        AggregateFunction.Minimum => Extreme(range, -1),
        _ => Extreme(range, 1),
    };

    private static long CountOf(Range range) => Math.Max(0, (range.Settled?.Count ?? 0) + range.Series.CountBetween(range.From, range.To));

    private decimal SumOf(Range range) =>
        (range.Settled?.Columns[column].Sum ?? 0) + range.Series.SumBetween(column, range.From, range.To);

    private Value AverageOf(Range range)
    {
        var numbers = (range.Settled?.Columns[column].Numbers ?? 0) + range.Series.NumbersBetween(column, range.From, range.To);
        return numbers == 0 ? Value.Missing : Value.Of(SumOf(range) / numbers);
    }

    private static (Value, int) FirstInstant(Range range)
    {
        if (range.Settled is { HasCounting: true } settled)
            return (Value.InstantAt(settled.FirstTime), -1);
        for (var index = range.From; index < range.To; index++)
        {
            if (index < range.Series.Grouped)
            {
                if (range.Series.Groups[index].First is var first and not long.MaxValue)
                    return (Value.InstantAt(first), index);
            }
            else if (range.Series.WeightAt(index) > 0)
            {
                return (Value.InstantAt(range.Series.TimeAt(index)), index);
            }
        }

        return (Value.Missing, -1);
    }

    private static (Value, int) LastInstant(Range range)
    {
        for (var index = range.To - 1; index >= range.From; index--)
        {
            if (index < range.Series.Grouped)
            {
                if (range.Series.Groups[index].Last is var last and not long.MinValue)
                    return (Value.InstantAt(last), index);
            }
            else if (range.Series.WeightAt(index) > 0)
            {
                return (Value.InstantAt(range.Series.TimeAt(index)), index);
            }
        }

        return range.Settled is { HasCounting: true } settled ? (Value.InstantAt(settled.LastTime), -1) : (Value.Missing, -1);
    }

    /// <summary>The value at the earliest event that has one; of several at that instant the smallest.</summary>
    private (Value, int) FirstValue(Range range)
    {
        var (found, at) = range.Settled is { } settled && !settled.Columns[column].First.IsMissing
            ? (settled.Columns[column].First, settled.Columns[column].FirstTime)
            : (Value.Missing, 0L);
        var position = -1;
        for (var index = range.From; index < range.To && (found.IsMissing || range.Series.TimeAt(index) == at); index++)
        {
            var (value, time) = index < range.Series.Grouped
                ? (range.Series.Groups[index].Columns[column].First, range.Series.Groups[index].Columns[column].FirstTime)
                : (range.Series.WeightAt(index) > 0 ? range.Series.ValueAt(column, index) : Value.Missing, range.Series.TimeAt(index));
            if (value.IsMissing || (!found.IsMissing && (time != at || value.CompareTo(found) >= 0)))
                continue;
            (found, at, position) = (value, time, index);
        }

        return (found, position);
    }

    /// <summary>The value at the latest event that has one; of several at that instant the largest.</summary>
    private (Value, int) LastValue(Range range)
    {
        var (found, at, position) = (Value.Missing, 0L, -1);
        for (var index = range.To - 1; index >= range.From && (found.IsMissing || range.Series.TimeAt(index) == at); index--)
        {
            var (value, time) = index < range.Series.Grouped
                ? (range.Series.Groups[index].Columns[column].Last, range.Series.Groups[index].Columns[column].LastTime)
                : (range.Series.WeightAt(index) > 0 ? range.Series.ValueAt(column, index) : Value.Missing, range.Series.TimeAt(index));
            if (value.IsMissing || (!found.IsMissing && (time != at || value.CompareTo(found) <= 0)))
                continue;
            (found, at, position) = (value, time, index);
        }

        if (range.Settled?.Columns[column] is { Last.IsMissing: false } settled
            && (found.IsMissing || (settled.LastTime == at && settled.Last.CompareTo(found) > 0) || settled.LastTime > at))
        {
            return (settled.Last, -1);
        }

        return (found, position);
    }

    /// <summary>How many different values there are, and the entry that is the latest of its value and leaves first.</summary>
    private (Value, int) Distinct(Range range)
    {
        if (range.Settled?.Columns[column].Distinct is not { } settled)
            return (Value.Of((decimal)range.Series.DistinctBetween(column, range.From, range.To, out var leaving)), leaving);
        return (Value.Of((decimal)settled.Length + range.Series.DistinctBeside(column, range.From, range.To, settled)), -1);
    }

    /// <summary>The smallest (-1) or largest (1) number, and the latest entry that has it.</summary>
    private (Value, int) Extreme(Range range, int direction)
    {
        var settled = range.Settled is null ? Value.Missing : direction < 0 ? range.Settled.Columns[column].Minimum : range.Settled.Columns[column].Maximum;
        var (found, position) = (settled, -1);
        for (var index = range.From; index < range.To; index++)
        {
            if (!TryNumber(range, index, direction, out var number))
                continue;
            var order = found.IsMissing ? 1 : direction * number.CompareTo(found.AsNumber);
            if (order >= 0)
                (found, position) = (Value.Of(number), index);
        }

        return (found, position);
    }

    private bool TryNumber(Range range, int index, int direction, out decimal number)
    {
        if (index >= range.Series.Grouped)
            return Amounts.TryRead(range.Series.ValueAt(column, index), out number) && range.Series.WeightAt(index) > 0;
        ref readonly var group = ref range.Series.Groups[index].Columns[column];
        return (direction < 0 ? group.Minimum : group.Maximum).TryNumber(out number);
    }
}
