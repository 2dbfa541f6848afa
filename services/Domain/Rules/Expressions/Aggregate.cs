using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Rules.Expressions;

/// <summary>What an aggregate makes of the events it looks at.</summary>
internal enum AggregateFunction : byte { Count, Exists, None, Sum, Average, Minimum, Maximum, Distinct, Top, First, Last }

/// <summary><c>count(browse, 90d)</c> and its like: one figure over a selection, in a window or over everything.</summary>
/// <param name="selection">Resolved when the whole rulebook is known.</param>
/// <param name="column">The field looked at, as a place among the selection's columns; -1 for the events themselves.</param>
/// <param name="window">Only events in it count; null for all.</param>
/// <param name="since">Only events later than this instant count; null for all.</param>
internal sealed class Aggregate(
    StaticType type, string text, AggregateFunction function, Func<Selection> selection, int column, Window? window, Expression? since)
    : Expression(type, text)
{
    private Selection? _selection;

    private Selection Selection => _selection ??= selection();

    public override string? Counted => function == AggregateFunction.Count ? Selection.Counted : null;

    public override long LeavesAt(in Scope scope)
    {
        var range = RangeOf(scope);
        return LeavesAt(range, range.From);
    }

    public override Timed Evaluate(in Scope scope)
    {
        if (function is AggregateFunction.Exists or AggregateFunction.None)
            return CompareCount(scope, function == AggregateFunction.Exists ? BinaryOperator.Greater : BinaryOperator.Equal, 0);
        var range = RangeOf(scope);
        var (value, standsUntilLeft) = ValueOf(range);
        return new(value, Math.Min(range.Until, LeavesAt(range, standsUntilLeft)));
    }

    /// <summary>Compares the figure with a number: the same outcome as evaluating and comparing, but constant for as long as the outcome is, not only the figure.</summary>
    public Timed Compare(in Scope scope, BinaryOperator @operator, decimal threshold)
    {
        if (function == AggregateFunction.Count && Math.Abs(threshold) <= int.MaxValue && threshold == (long)threshold)
            return CompareCount(scope, @operator, (long)threshold);
        var range = RangeOf(scope);
        var (value, standsUntilLeft) = ValueOf(range);
        if (!value.TryNumber(out var number))
            return new(Value.False, Math.Min(range.Until, LeavesAt(range, standsUntilLeft)));
        var holds = Comparison.Holds(@operator, number.CompareTo(threshold));
        return window is not null && function is (AggregateFunction.Count or AggregateFunction.Sum or AggregateFunction.Average)
            ? new(Value.Of(holds), Walk(range, @operator, threshold, holds))
            : new(Value.Of(holds), Math.Min(range.Until, LeavesAt(range, standsUntilLeft)));
    }

    private Timed CompareCount(in Scope scope, BinaryOperator @operator, long threshold)
    {
        if (window is { EntersLate: false } && since is null && Selection.Source != SelectionSource.Orders)
            return CompareLatest(scope.Facts!.SeriesOf(Selection), window, scope, @operator, threshold);
        var range = RangeOf(scope);
        var count = CountOf(range);
        var holds = Comparison.Holds(@operator, count.CompareTo(threshold));
        if (window is null)
            return new(Value.Of(holds), range.Until);
        if (count != range.To - range.From)
            return new(Value.Of(holds), Walk(range, @operator, threshold, holds)); // something in it counts less than one, so the count does not simply fall

        var rest = FallsTo(@operator, threshold, count, holds);
        return new(Value.Of(holds), rest < 0 ? range.Until : Math.Min(range.Until, LeavesAt(range, range.To - (int)rest - 1)));
    }

    /// <summary>Where each event counts as one and only the window leaves events out: whether there are n, and until when, is seen at the n-th from the end.</summary>
    private static Timed CompareLatest(Series series, Window window, in Scope scope, BinaryOperator @operator, long threshold)
    {
        var (until, zone) = (Timed.Never, scope.Zone);
        var after = window.At(scope.AsOf, zone).After;
        var holds = @operator switch
        {
            BinaryOperator.GreaterOrEqual => AreThere(threshold),
            BinaryOperator.Greater => AreThere(threshold + 1),
            BinaryOperator.Less => !AreThere(threshold),
            BinaryOperator.LessOrEqual => !AreThere(threshold + 1),
            BinaryOperator.Equal => !AreThere(threshold + 1) && AreThere(threshold),
            _ => AreThere(threshold + 1) || !AreThere(threshold),
        };
        return new(Value.Of(holds), until);

        bool AreThere(long events)
        {
            if (events <= 0)
                return true;
            if (events > series.Count || series.TimeAt(series.Count - (int)events) is var time && time <= after)
                return false;
            until = window.LeavesAt(time, zone);
            return true;
        }
    }

    /// <summary>The largest count below this one for which the comparison comes out otherwise; below zero if there is none.</summary>
    private static long FallsTo(BinaryOperator @operator, long threshold, long count, bool holds) => @operator switch
    {
        BinaryOperator.GreaterOrEqual when holds => threshold - 1,
        BinaryOperator.Greater when holds => threshold,
        BinaryOperator.Less when !holds => threshold - 1,
        BinaryOperator.LessOrEqual when !holds => threshold,
        BinaryOperator.Equal when holds => count - 1,
        BinaryOperator.NotEqual when !holds => count - 1,
        BinaryOperator.Equal or BinaryOperator.NotEqual when threshold < count => threshold,
        _ => -1,
    };

    /// <summary>Goes along the events as they will leave, oldest first, to those whose leaving makes the outcome another.</summary>
    private long Walk(Range range, BinaryOperator @operator, decimal threshold, bool holds)
    {
        if (function == AggregateFunction.Sum && @operator is not (BinaryOperator.Equal or BinaryOperator.NotEqual) && !range.Series.HasNegative(column, range.From, range.To))
            return Fall(range, @operator, threshold, holds);
        for (var index = range.From; index < range.To;)
        {
            var leave = window!.LeavesAt(range.Series.TimeAt(index), range.Zone);
            var after = window.At(leave, range.Zone).After;
            while (index < range.To && range.Series.TimeAt(index) <= after)
                index++;
            var order = function switch
            {
                AggregateFunction.Sum => range.Series.SumBetween(column, index, range.To).CompareTo(threshold),
                AggregateFunction.Average when range.Series.NumbersBetween(column, index, range.To) is > 0 and var numbers =>
                    (range.Series.SumBetween(column, index, range.To) / numbers).CompareTo(threshold),
                AggregateFunction.Average => (int?)null,
                _ => ((decimal)Math.Max(0, range.Series.CountBetween(index, range.To))).CompareTo(threshold),
            };
            if ((order is { } known && Comparison.Holds(@operator, known)) != holds)
                return Math.Min(range.Until, leave);
        }

        return range.Until;
    }

    /// <summary>As <see cref="Walk"/>, where the sum only falls as entries leave: the place is found by halving.</summary>
    private long Fall(Range range, BinaryOperator @operator, decimal threshold, bool holds)
    {
        var (low, high) = (range.From, range.To + 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (middle > range.To || Comparison.Holds(@operator, range.Series.SumBetween(column, middle, range.To).CompareTo(threshold)) != holds)
                high = middle;
            else
                low = middle + 1;
        }

        return low > range.To ? range.Until : Math.Min(range.Until, LeavesAt(range, low - 1));
    }

    public override void Touch(in Scope scope, Explanation explanation)
    {
        var range = RangeOf(scope);
        for (var index = range.To - 1; index >= range.FirstNamed; index--)
            explanation.Add(range.Series.TimeAt(index), range.Series.IdAt(index)!);
        since?.Touch(scope, explanation);
    }

    /// <summary>The part of the series that counts.</summary>
    private Range RangeOf(in Scope scope) => Range.Of(scope, scope.Facts!.SeriesOf(Selection), window, since);

    /// <summary>When an entry leaves the window; never without one.</summary>
    private long LeavesAt(Range range, int index) =>
        window is null || index < range.From || index >= range.To ? Timed.Never : window.LeavesAt(range.Series.TimeAt(index), range.Zone);

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
        AggregateFunction.Top => Frequencies.Top(range.Series, column, range.From, range.To, range.Settled?.Columns[column].Frequencies ?? []),
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
        if (range.Settled is { IsNothing: false } settled)
            return (Value.InstantAt(settled.FirstTime), -1);
        for (var index = range.From; index < range.To; index++)
        {
            if (range.Series.WeightAt(index) > 0)
                return (Value.InstantAt(range.Series.TimeAt(index)), index);
        }

        return (Value.Missing, -1);
    }

    private static (Value, int) LastInstant(Range range)
    {
        for (var index = range.To - 1; index >= range.From; index--)
        {
            if (range.Series.WeightAt(index) > 0)
                return (Value.InstantAt(range.Series.TimeAt(index)), index);
        }

        return range.Settled is { IsNothing: false } settled ? (Value.InstantAt(settled.LastTime), -1) : (Value.Missing, -1);
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
            var value = range.Series.ValueAt(column, index);
            if (value.IsMissing || range.Series.WeightAt(index) <= 0 || (!found.IsMissing && value.CompareTo(found) >= 0))
                continue;
            (found, at, position) = (value, range.Series.TimeAt(index), index);
        }

        return (found, position);
    }

    /// <summary>The value at the latest event that has one; of several at that instant the largest.</summary>
    private (Value, int) LastValue(Range range)
    {
        var (found, at, position) = (Value.Missing, 0L, -1);
        for (var index = range.To - 1; index >= range.From && (found.IsMissing || range.Series.TimeAt(index) == at); index--)
        {
            var value = range.Series.ValueAt(column, index);
            if (value.IsMissing || range.Series.WeightAt(index) <= 0 || (!found.IsMissing && value.CompareTo(found) <= 0))
                continue;
            (found, at, position) = (value, range.Series.TimeAt(index), index);
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
        var values = new HashSet<Value>(settled);
        for (var index = range.From; index < range.To; index++)
        {
            if (range.Series.WeightAt(index) > 0 && range.Series.ValueAt(column, index) is { IsMissing: false } value)
                values.Add(value);
        }

        return (Value.Of((decimal)values.Count), -1);
    }

    /// <summary>The smallest (-1) or largest (1) number, and the latest entry that has it.</summary>
    private (Value, int) Extreme(Range range, int direction)
    {
        var settled = range.Settled is null ? Value.Missing : direction < 0 ? range.Settled.Columns[column].Minimum : range.Settled.Columns[column].Maximum;
        var (found, position) = (settled, -1);
        for (var index = range.From; index < range.To; index++)
        {
            if (range.Series.WeightAt(index) <= 0 || !Amounts.TryRead(range.Series.ValueAt(column, index), out var number))
                continue;
            var order = found.IsMissing ? 1 : direction * number.CompareTo(found.AsNumber);
            if (order >= 0)
                (found, position) = (Value.Of(number), index);
        }

        return (found, position);
    }
}
