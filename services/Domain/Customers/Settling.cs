using System.Collections.Immutable;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Customers;

/// <summary>Brings facts within their limits, and lets go of what no rule can see any longer.</summary>
internal static class Settling
{
    /// <summary>The latest entries of a series are kept even when no window reaches them: they name the events that counted.</summary>
    private const int KeptForReasons = Rules.Expressions.Explanation.MostEvents;

    /// <summary>The facts without what no window can reach at an instant or later, and with what they keep one by one within its limits.</summary>
    public static CustomerFacts Settle(CustomerFacts known, long asOf)
    {
        if (asOf < known.NextToSettle)
            return known;
        var measures = known.Measures;
        var series = (Series[])known.Series.Clone();
        foreach (var selection in measures.Selections)
            series[selection.Index] = series[selection.Index].Settle(asOf, KeptForReasons, selection);
        var closed = (Series[])known.Closed.Clone();
        var orders = OrderSeries.Close(known.Orders, closed, measures);
        for (var place = 0; place < closed.Length; place++)
            closed[place] = closed[place].Settle(asOf, KeptForReasons, measures.OrderSelections[place]);
        return new CustomerFacts(measures, series, closed, orders, known.TraitFacts, known.Waiting, known.First, known.Last) { TagFacts = known.TagFacts, LeftOut = known.LeftOut }.SharingTraits(known);
    }

    /// <summary>Before this instant there is nothing to settle.</summary>
    public static long NextToSettle(CustomerFacts facts)
    {
        var next = facts.Orders.Length > facts.Measures.Limits.Orders ? long.MinValue : long.MaxValue;
        foreach (var selection in facts.Measures.Selections)
            next = Math.Min(next, NextToSettle(facts.Series[selection.Index], selection));
        for (var place = 0; place < facts.Closed.Length; place++)
            next = Math.Min(next, NextToSettle(facts.Closed[place], facts.Measures.OrderSelections[place]));
        return next;
    }

    /// <summary>What orders and their series, of which closed ones are as they were, bring in.</summary>
    public static long NextToSettle(Series[] series, ImmutableArray<Order> orders, MeasureSet measures)
    {
        var next = orders.Length > measures.Limits.Orders ? long.MinValue : long.MaxValue;
        foreach (var selection in measures.OrderSelections)
            next = Math.Min(next, NextToSettle(series[selection.Index], selection));
        return next;
    }

    public static long NextToSettle(Series series, Selection selection) => series.NextToSettle(KeptForReasons, selection);
}
