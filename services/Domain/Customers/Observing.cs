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

        var fields = new FieldSource(time, observed.Name, observed.Properties, default, measures.Zone);
        foreach (var selection in measures.For(kind, observed.Name))
        {
            if (!selection.Accepts(fields))
                continue;
            if (ReferenceEquals(series, known.Series))
                series = (Series[])series.Clone();
            series[selection.Index] = series[selection.Index].With(EntryOf(selection, fields, observed.Id, 1));
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
            known.Last is { } last ? Math.Max(last, time) : time).SharingTraits(known);
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

    /// <summary>The facts without the entries that no window can reach at an instant or later.</summary>
    public static CustomerFacts DropUnreachable(CustomerFacts known, long asOf)
    {
        var series = known.Series;
        foreach (var selection in known.Measures.Selections)
        {
            var current = known.Series[selection.Index];
            if (selection.Source == SelectionSource.Orders || selection.Retention == long.MaxValue || current.Count <= KeptForReasons)
                continue;
            var unreachable = Math.Min(current.FirstAfter(asOf - selection.Retention), current.Count - KeptForReasons);
            if (unreachable == 0)
                continue;
            if (ReferenceEquals(series, known.Series))
                series = (Series[])series.Clone();
            series[selection.Index] = current.Settle(unreachable, selection);
        }

        return ReferenceEquals(series, known.Series)
            ? known
            : new CustomerFacts(known.Measures, series, known.Orders, known.TraitFacts, known.Waiting, known.First, known.Last).SharingTraits(known);
    }

    /// <summary>Fills the series over orders, which are kept as orders only.</summary>
    public static void RebuildOrderSeries(Series[] series, ImmutableArray<Order> orders, MeasureSet measures)
    {
        foreach (var selection in measures.OrderSelections)
        {
            var entries = new List<SeriesEntry>();
            foreach (var order in orders)
            {
                if (order.Stands(measures) is { } standing && EntryOf(selection, standing, measures) is { } entry)
                    entries.Add(entry);
            }

            entries.Sort(SeriesEntry.Compare);
            series[selection.Index] = Series.Of(selection, entries);
        }
    }

    private static void AddOrder(Series[] series, Order order, MeasureSet measures)
    {
        if (order.Stands(measures) is not { } standing)
            return;
        foreach (var selection in measures.OrderSelections)
        {
            if (EntryOf(selection, standing, measures) is { } entry)
                series[selection.Index] = series[selection.Index].With(entry);
        }
    }

    private static SeriesEntry? EntryOf(Selection selection, StandingOrder order, MeasureSet measures)
    {
        if (selection.Name is not null && selection.Name != order.Name)
            return null;
        var fields = new FieldSource(order.Time, order.Name, null, order.Slots, measures.Zone);
        return selection.Accepts(fields) ? EntryOf(selection, fields, order.Id, order.Weight) : null;
    }

    private static SeriesEntry EntryOf(Selection selection, in FieldSource fields, string id, int weight)
    {
        var values = selection.Columns.Length == 0 ? [] : new Value[selection.Columns.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = selection.Columns[i].Field.Of(fields);
        return new(fields.Time, id, weight, values);
    }

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
        new(known.Measures, known.Series, known.Orders, known.TraitFacts, waiting, known.First, known.Last);
}
