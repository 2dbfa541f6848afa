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
        if (observed.Kind == EventKind.Tag)
            return HandTag.Of(observed) is { } done ? WithTagFacts(known, known.TagFacts.With(done)) : known;
        if (observed.Kind == EventKind.Assignment)
            return TagAssignment.Of(observed) is { } assigned ? WithTagFacts(known, known.TagFacts.With(assigned)) : known;
        var measures = known.Measures;
        var time = observed.OccurredAt.ToUnixTimeMilliseconds();
        var kind = measures.KindOf(observed);
        var series = known.Series;
        var orders = known.Orders;
        var nextUnreachable = known.NextUnreachable;

        var fields = new FieldSource(time, observed.Name, observed.Properties, default, measures.Zone);
        foreach (var selection in measures.For(kind, observed.Name))
        {
            if (!selection.Accepts(fields))
                continue;
            if (ReferenceEquals(series, known.Series))
                series = (Series[])series.Clone();
            series[selection.Index] = With(series[selection.Index], fields, observed.Id, 1, selection);
            nextUnreachable = Math.Min(nextUnreachable, NextUnreachableWith(time, series[selection.Index], selection));
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
            nextUnreachable) { TagFacts = known.TagFacts }.SharingTraits(known);
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
        if (asOf < known.NextUnreachable)
            return known;
        var series = (Series[])known.Series.Clone();
        foreach (var selection in known.Measures.Selections)
        {
            var current = series[selection.Index];
            if (asOf >= NextUnreachable(current, selection))
                series[selection.Index] = current.Settle(Math.Min(current.FirstAfter(asOf - selection.Retention), current.Count - KeptForReasons), selection);
        }

        return new CustomerFacts(known.Measures, series, known.Orders, known.TraitFacts, known.Waiting, known.First, known.Last) { TagFacts = known.TagFacts }.SharingTraits(known);
    }

    /// <summary>When the first entry of any series is out of reach of every window.</summary>
    public static long NextUnreachable(Series[] series, MeasureSet measures)
    {
        var next = long.MaxValue;
        foreach (var selection in measures.Selections)
            next = Math.Min(next, NextUnreachable(series[selection.Index], selection));
        return next;
    }

    /// <summary>The instant that an entry just added brings in. In a long series the entries before it brought in theirs, so its first entry is not looked at again.</summary>
    private static long NextUnreachableWith(long added, Series series, Selection selection) =>
        series.Count > KeptForReasons + 1 && selection.Retention != long.MaxValue ? added + selection.Retention : NextUnreachable(series, selection);

    private static long NextUnreachable(Series series, Selection selection) =>
        selection.Source == SelectionSource.Orders || selection.Retention == long.MaxValue || series.Count <= KeptForReasons
            ? long.MaxValue
            : series.TimeAt(0) + selection.Retention;

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
        new(known.Measures, known.Series, known.Orders, known.TraitFacts, waiting, known.First, known.Last, known.NextUnreachable) { TagFacts = known.TagFacts };

    /// <summary>The facts with other knowledge of the tags themselves.</summary>
    public static CustomerFacts WithTagFacts(CustomerFacts known, TagFacts tags) =>
        new CustomerFacts(known.Measures, known.Series, known.Orders, known.TraitFacts, known.Waiting, known.First, known.Last, known.NextUnreachable) { TagFacts = tags }
            .SharingTraits(known);
}
