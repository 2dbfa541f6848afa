using System.Collections.Immutable;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Customers;

/// <summary>Merges single events into facts.</summary>
internal static class Observing
{
    /// <summary>The latest entries of a series are kept even when no window reaches them: they name the events that counted.</summary>
    private const int KeptForReasons = Rules.Expressions.Explanation.MostEvents;

    /// <summary>The facts with an event in them whose time has come.</summary>
    public static CustomerFacts Merge(CustomerFacts known, CustomerEvent observed)
    {
        var measures = known.Measures;
        var time = observed.OccurredAt.ToUnixTimeMilliseconds();
        var kind = measures.KindOf(observed);
        var series = known.Series;
        var orders = known.Orders;
        var nextToSettle = known.NextToSettle;

        var fields = new FieldSource(time, observed.Name, observed.Properties, default, measures.Zone);
        foreach (var selection in measures.For(kind, observed.Name))
        {
            if (!selection.Accepts(fields))
                continue;
            if (ReferenceEquals(series, known.Series))
                series = (Series[])series.Clone();
            series[selection.Index] = With(series[selection.Index], fields, observed.Id, 1, selection);
            nextToSettle = Math.Min(nextToSettle, NextToSettle(series[selection.Index], selection));
        }

        if (kind is EventKind.Purchase or EventKind.OrderUpdated or EventKind.OrderRefunded or EventKind.OrderCancelled && measures.OrderSelections.Length > 0)
        {
            orders = OrderBook.With(orders, observed, kind, measures, out var before, out var after);
            if (ReferenceEquals(series, known.Series))
                series = (Series[])series.Clone();
            if (before is null)
                AddOrder(series, after, measures);
            else
                RebuildOrderSeries(series, orders, measures);
        }

        var traits = kind == EventKind.Profile ? WithTraits(known.TraitFacts, observed, time) : known.TraitFacts;
        return new CustomerFacts(measures, series, orders, traits, known.Waiting,
            known.First is { } first ? Math.Min(first, time) : time,
            known.Last is { } last ? Math.Max(last, time) : time,
            nextToSettle).SharingTraits(known);
    }

    /// <summary>The facts with an event that waits for its time.</summary>
    public static CustomerFacts Await(CustomerFacts known, CustomerEvent observed)
    {
        var position = known.Waiting.Length;
        while (position > 0 && IsBefore(observed, known.Waiting[position - 1]))
            position--;
        return WithWaiting(known, known.Waiting.Insert(position, observed));

        static bool IsBefore(CustomerEvent left, CustomerEvent right) => left.OccurredAt == right.OccurredAt
            ? string.CompareOrdinal(left.Id, right.Id) < 0
            : left.OccurredAt < right.OccurredAt;
    }

    /// <summary>The facts with the waiting events whose time has come by an instant.</summary>
    public static CustomerFacts Release(CustomerFacts known, long asOf)
    {
        var due = 0;
        while (due < known.Waiting.Length && known.Waiting[due].OccurredAt.ToUnixTimeMilliseconds() <= asOf)
            due++;
        if (due == 0)
            return known;
        var result = WithWaiting(known, known.Waiting.RemoveRange(0, due));
        foreach (var observed in known.Waiting.AsSpan()[..due])
            result = Merge(result, observed);
        return result;
    }

    /// <summary>The facts without what no window can reach at an instant or later, and with what they keep one by one within its limits.</summary>
    public static CustomerFacts Settle(CustomerFacts known, long asOf)
    {
        if (asOf < known.NextToSettle)
            return known;
        var series = (Series[])known.Series.Clone();
        foreach (var selection in known.Measures.Selections)
        {
            if (selection.Source != SelectionSource.Orders)
                series[selection.Index] = series[selection.Index].Settle(asOf, KeptForReasons, selection);
        }

        return new CustomerFacts(known.Measures, series, known.Orders, known.TraitFacts, known.Waiting, known.First, known.Last).SharingTraits(known);
    }

    /// <summary>Before this instant there is nothing to settle in any series.</summary>
    public static long NextToSettle(Series[] series, MeasureSet measures)
    {
        var next = long.MaxValue;
        foreach (var selection in measures.Selections)
            next = Math.Min(next, NextToSettle(series[selection.Index], selection));
        return next;
    }

    private static long NextToSettle(Series series, Selection selection) =>
        selection.Source == SelectionSource.Orders ? long.MaxValue : series.NextToSettle(KeptForReasons, selection);

    /// <summary>Fills the series over orders, which are kept as orders only.</summary>
    public static void RebuildOrderSeries(Series[] series, ImmutableArray<Order> orders, MeasureSet measures)
    {
        if (measures.OrderSelections.Length == 0)
            return;
        var standing = new List<StandingOrder>(orders.Length);
        foreach (var order in orders)
        {
            if (order.Stands(measures) is { } stands)
                standing.Add(stands);
        }

        var entries = new List<SeriesEntry>(standing.Count);
        foreach (var selection in measures.OrderSelections)
        {
            entries.Clear();
            foreach (var order in standing)
            {
                var fields = FieldsOf(order, measures);
                if (!IsAmong(selection, order, fields))
                    continue;
                if (selection.List is null)
                {
                    entries.Add(SeriesEntry.Of(fields, order.Id, order.Weight, selection));
                    continue;
                }

                foreach (var item in selection.ItemsOf(fields))
                {
                    if (selection.AcceptsItem(fields, item, out var itemFields))
                        entries.Add(SeriesEntry.Of(itemFields, order.Id, order.Weight, selection));
                }
            }

            entries.Sort(SeriesEntry.Compare);
            series[selection.Index] = Series.Of(selection, entries);
        }
    }

    private static void AddOrder(Series[] series, Order order, MeasureSet measures)
    {
        if (order.Stands(measures) is not { } standing)
            return;
        var fields = FieldsOf(standing, measures);
        foreach (var selection in measures.OrderSelections)
        {
            if (IsAmong(selection, standing, fields))
                series[selection.Index] = With(series[selection.Index], fields, standing.Id, standing.Weight, selection);
        }
    }

    /// <summary>The series with an event or order, or with the items of its list.</summary>
    private static Series With(Series series, in FieldSource fields, string id, int weight, Selection selection)
    {
        if (selection.List is null)
            return series.With(fields, id, weight, selection);
        foreach (var item in selection.ItemsOf(fields))
        {
            if (selection.AcceptsItem(fields, item, out var itemFields))
                series = series.With(itemFields, id, weight, selection);
        }

        return series;
    }

    /// <summary>Whether a selection looks at an order. What takes amounts or orders back without naming one takes no line items.</summary>
    private static bool IsAmong(Selection selection, in StandingOrder order, in FieldSource fields) =>
        (selection.Name is null || selection.Name == order.Name) && (selection.List is null || order.Weight > 0) && selection.Accepts(fields);

    private static FieldSource FieldsOf(in StandingOrder order, MeasureSet measures) => new(order.Time, order.Name, null, order.Slots, measures.Zone);

    private static ImmutableArray<TraitFact> WithTraits(ImmutableArray<TraitFact> traits, CustomerEvent observed, long time)
    {
        foreach (var (name, value) in observed.Properties.Items)
        {
            var position = 0;
            while (position < traits.Length && string.CompareOrdinal(traits[position].Name, name) < 0)
                position++;
            var added = new TraitFact(name, value, time, observed.Id);
            if (position == traits.Length || traits[position].Name != name)
                traits = traits.Insert(position, added);
            else if (traits[position] is var standing && (standing.Time < time || (standing.Time == time && string.CompareOrdinal(standing.EventId, observed.Id) < 0)))
                traits = traits.SetItem(position, added);
        }

        return traits;
    }

    private static CustomerFacts WithWaiting(CustomerFacts known, ImmutableArray<CustomerEvent> waiting) =>
        new(known.Measures, known.Series, known.Orders, known.TraitFacts, waiting, known.First, known.Last, known.NextToSettle);
}
