using System.Collections.Immutable;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Rules.Expressions;

/// <summary>A further step of a sequence.</summary>
/// <param name="Selection">Resolved when the whole rulebook is known.</param>
/// <param name="IsAbsent">It must not happen; only for the last step.</param>
/// <param name="Within">In milliseconds: it counts later than the step before, and up to and with so much later.</param>
internal sealed record Step(Func<Selection> Selection, bool IsAbsent, long Within);

/// <summary><c>count(A then B within 2h, 30d)</c> and its like: those of the events A in the window that the further steps follow.</summary>
/// <remarks>
/// Each A counts once, however many B follow it, and one B may follow several A. The window is about A. With <c>then no B within 2h</c>, A counts from the instant
/// at which the two hours have passed without B. Only events that are kept one by one are looked at, and of the first step only those since which every further step is.
/// </remarks>
internal sealed class Sequence(
    StaticType type, string text, AggregateFunction function, Func<Selection> first, ImmutableArray<Step> steps, Window? window, Expression? since)
    : Expression(type, text)
{
    public override string? Counted => function == AggregateFunction.Count ? first().Counted : null;

    public override long LeavesAt(in Scope scope)
    {
        var range = RangeOf(scope);
        return LeavesAt(range, Count(scope, range).Earliest);
    }

    public override Timed Evaluate(in Scope scope)
    {
        var range = RangeOf(scope);
        var (count, earliest, latest, until) = Count(scope, range);
        until = Math.Min(until, LeavesAt(range, earliest));
        var value = function switch
        {
            AggregateFunction.Count => Value.Of((decimal)count),
            AggregateFunction.Exists => Value.Of(count > 0),
            AggregateFunction.None => Value.Of(count == 0),
            _ when count == 0 => Value.Missing,
            AggregateFunction.First => Value.InstantAt(range.Series.TimeAt(earliest)),
            _ => Value.InstantAt(range.Series.TimeAt(latest)),
        };
        return new(value, Math.Min(until, range.Until));
    }

    public override void Touch(in Scope scope, Explanation explanation)
    {
        var range = RangeOf(scope);
        var (follows, _) = Follow(scope, range);
        for (var index = range.To - 1; index >= range.FirstNamed; index--)
        {
            if (follows[index])
                explanation.Add(range.Series.TimeAt(index), range.Series.IdAt(index)!);
        }

        since?.Touch(scope, explanation);
    }

    public override string? CoarseNote(in Scope scope)
    {
        var all = Range.Of(scope, scope.Facts!.SeriesOf(first()), window, since);
        var from = all.Settled is null ? all.From : 0;
        return from < Math.Min(SeesFrom(scope, all.Series), all.To) ? "only the latest are looked at" : null;
    }

    private long LeavesAt(Range range, int index) => window is null || index < 0 ? Timed.Never : window.LeavesAt(range.Series.TimeAt(index), range.Zone);

    private (int Count, int Earliest, int Latest, long Until) Count(in Scope scope, Range range)
    {
        var (follows, until) = Follow(scope, range);
        var (count, earliest, latest) = (0, -1, -1);
        for (var index = range.From; index < range.To; index++)
        {
            if (!follows[index] || range.Series.WeightAt(index) <= 0)
                continue;
            count++;
            earliest = earliest < 0 ? index : earliest;
            latest = index;
        }

        return (count, earliest, latest, until);
    }

    private Range RangeOf(in Scope scope)
    {
        var range = Range.Of(scope, scope.Facts!.SeriesOf(first()), window, since);
        var from = Math.Max(range.From, SeesFrom(scope, range.Series));
        return range with { From = from, To = Math.Max(from, range.To) };
    }

    /// <summary>The position of the first event of which is known what followed.</summary>
    private int SeesFrom(in Scope scope, Series series)
    {
        var from = series.Grouped;
        foreach (var step in steps)
        {
            if (scope.Facts!.SeriesOf(step.Selection()) is { Grouped: > 0 } following)
                from = Math.Max(from, series.FirstAfter(following.TimeAt(following.Grouped - 1) - 1));
        }

        return from;
    }

    /// <summary>At each position of the first step's series: whether the further steps follow. From the last step backwards, each in one pass.</summary>
    /// <returns>With the instant at which a time limit passes next without what must not happen.</returns>
    private (bool[] Follows, long Until) Follow(in Scope scope, Range range)
    {
        var until = Timed.Never;
        bool[] follows = [];
        Series? next = null;
        for (var i = steps.Length - 1; i >= 0; i--)
        {
            var step = steps[i];
            var series = scope.Facts!.SeriesOf(step.Selection());
            if (next is null && !step.IsAbsent)
                Array.Fill(follows = new bool[series.Count], true);
            var before = i == 0 ? range.Series : scope.Facts.SeriesOf(steps[i - 1].Selection());
            follows = step.IsAbsent ? Absent(before, series, step.Within, scope.AsOf, ref until) : Present(before, series, follows, step.Within);
            next = series;
        }

        return (follows, until);
    }

    private static bool[] Present(Series before, Series series, bool[] follows, long within)
    {
        var result = new bool[before.Count];
        var candidate = series.Grouped;
        for (var index = before.Grouped; index < before.Count; index++)
        {
            var time = before.TimeAt(index);
            while (candidate < series.Count && (series.TimeAt(candidate) <= time || !follows[candidate] || series.WeightAt(candidate) <= 0))
                candidate++;
            result[index] = candidate < series.Count && series.TimeAt(candidate) - time <= within;
        }

        return result;
    }

    private static bool[] Absent(Series before, Series series, long within, long asOf, ref long until)
    {
        var result = new bool[before.Count];
        var candidate = series.Grouped;
        for (var index = before.Grouped; index < before.Count; index++)
        {
            var time = before.TimeAt(index);
            while (candidate < series.Count && (series.TimeAt(candidate) <= time || series.WeightAt(candidate) <= 0))
                candidate++;
            if (candidate < series.Count && series.TimeAt(candidate) - time <= within)
                continue;
            if (time + within > asOf)
                until = Math.Min(until, time + within);
            else
                result[index] = true;
        }

        return result;
    }
}
