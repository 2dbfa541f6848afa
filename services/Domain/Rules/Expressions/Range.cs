using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Rules.Expressions;

/// <summary>The part of a series that a function looks at.</summary>
/// <param name="From">The position of its first entry.</param>
/// <param name="To">The position after its last entry.</param>
/// <param name="Settled">What left the series, where that counts too.</param>
/// <param name="Mask">How fine groups of older events count as they enter and leave.</param>
/// <param name="Until">When the range is another one for other reasons than that entries leave the window: it begins elsewhere, or an entry enters.</param>
internal readonly record struct Range(Series Series, int From, int To, Settled? Settled, long Mask, long Until, DateTimeZone Zone)
{
    /// <summary>The position of the first entry whose event can be named: series name their latest entries only.</summary>
    public int FirstNamed => Math.Max(From, Series.Count - Explanation.MostEvents);

    /// <summary>When an entry counts as having happened.</summary>
    public long TimeAt(int index) => Series.TimeAt(index, Mask);

    /// <param name="window">Null for everything.</param>
    /// <param name="since">Only entries later than this instant count; null for all.</param>
    public static Range Of(in Scope scope, Series series, Window? window, Expression? since)
    {
        var (after, before) = window?.At(scope.AsOf, scope.Zone) ?? (long.MinValue, long.MaxValue);
        var until = Timed.Never;
        if (since is not null)
        {
            var start = since.Evaluate(scope);
            until = start.Until;
            after = Ordering.TryAs(start.Value, ValueKind.Instant, scope.Zone, out var instant) ? Math.Max(after, instant.Milliseconds) : long.MaxValue;
        }

        // What is settled has all that is in groups too.
        var mask = window?.Mask ?? Band.SinceMask;
        var from = after == long.MinValue ? series.Grouped : series.FirstAfter(after, mask);
        var to = before == long.MaxValue ? series.Count : Math.Max(from, series.FirstAfter(before - 1, mask));
        if (window is { EntersLate: true } && to < series.Count)
            until = Math.Min(until, window.EntersAt(series.TimeAt(to, mask), scope.Zone));
        return new(series, from, to, after == long.MinValue ? series.Settled : null, mask, until, scope.Zone);
    }
}
