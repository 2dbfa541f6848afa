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
internal sealed partial class Aggregate(
    StaticType type, string text, AggregateFunction function, Func<Selection> selection, int column, Window? window, Expression? since)
    : Expression(type, text)
{
    private Selection? _selection;

    private Selection Selection => _selection ??= selection();

    private bool IsCondition => function is AggregateFunction.Exists or AggregateFunction.None;

    public override string? Counted => function == AggregateFunction.Count ? Selection.Counted : null;

    public override long LeavesAt(in Scope scope)
    {
        var range = RangeOf(scope);
        return LeavesAt(range, range.From);
    }

    public override string? CoarseNote(in Scope scope)
    {
        var range = RangeOf(scope);
        var grouped = Math.Min(range.Series.Grouped, range.To);
        if (range.From >= grouped)
            return null;
        return function switch
        {
            AggregateFunction.Top => "only the latest are looked at",
            AggregateFunction.Distinct => null,
            _ => $"the oldest {range.Series.CountBetween(range.From, grouped)} count in groups of at most {DurationText.Format(RoundUp(range.Mask + 1))}",
        };
    }

    /// <summary>To whole seconds or, where it is long, minutes.</summary>
    private static long RoundUp(long milliseconds)
    {
        const long Second = 1_000;
        const long Minute = 60 * Second;
        var unit = milliseconds > 10 * Minute ? Minute : milliseconds > 10 * Second ? Second : 1;
        return (milliseconds + unit - 1) / unit * unit;
    }

    public override Timed Evaluate(in Scope scope)
    {
        if (IsCondition)
        {
            var tested = Test(scope);
            return new(Value.Of(tested.Holds), tested.Until);
        }

        var range = RangeOf(scope);
        var (value, standsUntilLeft) = ValueOf(range);
        return new(value, Math.Min(range.Until, LeavesAt(range, standsUntilLeft)));
    }

    public override Tested Test(in Scope scope) => function switch
    {
        AggregateFunction.Exists => CompareCount(scope, BinaryOperator.Greater, 0),
        AggregateFunction.None => CompareCount(scope, BinaryOperator.LessOrEqual, 0),
        _ => base.Test(scope),
    };

    /// <summary>Compares the figure with a number: the same outcome as evaluating and comparing, but constant for as long as the outcome is, not only the figure.</summary>
    public Tested Compare(in Scope scope, BinaryOperator @operator, decimal threshold)
    {
        if (function == AggregateFunction.Count && Math.Abs(threshold) <= int.MaxValue && threshold == (long)threshold)
            return CompareCount(scope, @operator, (long)threshold);
        var range = RangeOf(scope);
        var (value, standsUntilLeft) = ValueOf(range);
        if (!value.TryNumber(out var number))
            return new(false, Math.Min(range.Until, LeavesAt(range, standsUntilLeft)));
        var holds = Comparison.Holds(@operator, number.CompareTo(threshold));
        return window is not null && function is (AggregateFunction.Count or AggregateFunction.Sum or AggregateFunction.Average)
            ? Walk(range, @operator, threshold, holds)
            : new(holds, Math.Min(range.Until, LeavesAt(range, standsUntilLeft)));
    }

    private Tested CompareCount(in Scope scope, BinaryOperator @operator, long threshold)
    {
        if (window is { EntersLate: false } && since is null && Selection.Source != SelectionSource.Orders)
            return CompareLatest(scope.Facts!.SeriesOf(Selection), window, scope, @operator, threshold);
        var range = RangeOf(scope);
        var count = CountOf(range);
        var holds = Comparison.Holds(@operator, count.CompareTo(threshold));
        if (window is null)
            return new(holds, range.Until);
        if (range.Series.TakesAway)
            return Walk(range, @operator, threshold, holds); // something in it takes one away, so the count does not simply fall

        var rest = FallsTo(@operator, threshold, count, holds);
        if (rest < 0)
            return new(holds, range.Until);
        var falls = TurnsWith(range, LastOf(range, rest + 1), holds);
        return falls with { Turns = falls.Turns && @operator is not (BinaryOperator.Equal or BinaryOperator.NotEqual) }; // of several that leave at once, the count falls past it
    }

    /// <summary>The last position from which on so many are counted, where none takes one away; it is there.</summary>
    private static int LastOf(Range range, long count)
    {
        if (range.To - range.From == range.Series.CountBetween(range.From, range.To))
            return range.To - (int)count;
        var (low, high) = (range.From, range.To);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (range.Series.CountBetween(middle, range.To) >= count)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }

    /// <summary>Where each event counts as one and only the window leaves events out: whether there are n, and until when, is seen at the n-th from the end.</summary>
    private static Tested CompareLatest(Series series, Window window, in Scope scope, BinaryOperator @operator, long threshold)
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
        return new(holds, until, until != Timed.Never && @operator is not (BinaryOperator.Equal or BinaryOperator.NotEqual));

        bool AreThere(long events)
        {
            if (events <= 0)
                return true;
            if (events > series.Single && events > series.CountBetween(0, series.Count))
                return false;
            var position = events <= series.Single ? series.Count - (int)events : LastOf(new(series, 0, series.Count, null, window.Mask, Timed.Never, zone), events);
            var time = series.TimeAt(position, window.Mask);
            if (time <= after)
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
    private Tested Walk(Range range, BinaryOperator @operator, decimal threshold, bool holds)
    {
        if (function == AggregateFunction.Sum && @operator is not (BinaryOperator.Equal or BinaryOperator.NotEqual) && !range.Series.HasNegative(column, range.From, range.To))
            return Fall(range, @operator, threshold, holds);
        var end = function is AggregateFunction.Sum or AggregateFunction.Average ? range.Series.TotalBefore(column, range.To) : default;
        for (var index = range.From; index < range.To; index++)
        {
            var order = function switch
            {
                AggregateFunction.Sum => (end.Sum - range.Series.TotalBefore(column, index + 1).Sum).CompareTo(threshold),
                AggregateFunction.Average => CompareAverage(end, range.Series.TotalBefore(column, index + 1), threshold),
                _ => ((decimal)Math.Max(0, range.Series.CountBetween(index + 1, range.To))).CompareTo(threshold),
            };
            if ((order is { } known && Comparison.Holds(@operator, known)) == holds)
                continue;
            var leave = LeavesAt(range, index);
            if (index + 1 == range.To || range.Series.TimeAt(index + 1) > window!.At(leave, range.Zone).After)
                return TurnsWith(range, index, holds); // and not together with the next
        }

        return new(holds, range.Until);
    }

    /// <summary>It turns as an entry leaves, unless before that the range is another one.</summary>
    private Tested TurnsWith(Range range, int index, bool holds)
    {
        var leave = LeavesAt(range, index);
        return new(holds, Math.Min(range.Until, leave), leave < range.Until);
    }

    /// <summary>How the average between two totals compares with a number; null where nothing has one.</summary>
    private static int? CompareAverage(in SeriesTotal end, in SeriesTotal start, decimal threshold)
    {
        // Dividing is slow, and only wanted where rounding could matter.
        const decimal Doubtful = 0.000001m;
        var (sum, numbers) = (end.Sum - start.Sum, end.Numbers - start.Numbers);
        if (numbers == 0)
            return null;
        if (Math.Abs(threshold) >= Amounts.Limit)
            return (sum / numbers).CompareTo(threshold);
        var distance = sum - (threshold * numbers);
        return Math.Abs(distance) > Doubtful ? Math.Sign(distance) : (sum / numbers).CompareTo(threshold);
    }

    /// <summary>As <see cref="Walk"/>, where the sum only falls as entries leave: the place is found by halving.</summary>
    private Tested Fall(Range range, BinaryOperator @operator, decimal threshold, bool holds)
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

        return low > range.To ? new(holds, range.Until) : TurnsWith(range, low - 1, holds);
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
        window is null || index < range.From || index >= range.To ? Timed.Never : window.LeavesAt(range.TimeAt(index), range.Zone);
}
