using System.Collections.Immutable;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Customers;

/// <summary>Makes series of orders as they stand.</summary>
internal static class OrderSeries
{
    /// <summary>Fills the series over orders from those that are closed and those that are kept as orders.</summary>
    public static void Rebuild(ref DueList<Series>.Editor series, DueList<Series> closed, ImmutableArray<Order> orders, MeasureSet measures)
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
        for (var place = 0; place < closed.Count; place++)
        {
            var selection = measures.OrderSelections[place];
            entries.Clear();
            foreach (var order in standing)
                AddEntries(entries, order, selection, measures);
            entries.Sort(SeriesEntry.Compare);
            var rebuilt = closed[place];
            if (rebuilt.Count == 0 && rebuilt.Settled.IsNothing)
            {
                rebuilt = Series.Of(selection, entries);
            }
            else
            {
                foreach (var entry in entries)
                    rebuilt = rebuilt.Insert(entry);
            }

            series[selection.Index] = rebuilt;
        }
    }

    /// <summary>Adds a new order to the series over orders.</summary>
    public static void Add(ref DueList<Series>.Editor series, Order order, MeasureSet measures)
    {
        if (order.Stands(measures) is not { } standing)
            return;
        var fields = FieldsOf(standing, measures);
        foreach (var selection in measures.OrderSelections)
        {
            if (IsAmong(selection, standing, fields))
                series[selection.Index] = series[selection.Index].With(fields, standing.Id, standing.Weight);
        }
    }

    /// <summary>The orders but for those that are too many, the earliest, which are added to the closed ones as they stand. Nothing amends them from then on.</summary>
    public static ImmutableArray<Order> Close(ImmutableArray<Order> orders, ref DueList<Series>.Editor closed, MeasureSet measures)
    {
        var entries = new List<SeriesEntry>();
        while (orders.Length > measures.Limits.Orders)
        {
            var earliest = 0;
            for (var i = 1; i < orders.Length; i++)
                earliest = orders[i].PlacedAt < orders[earliest].PlacedAt ? i : earliest;
            for (var place = 0; place < measures.OrderSelections.Length && orders[earliest].Stands(measures) is { } standing; place++)
            {
                entries.Clear();
                AddEntries(entries, standing, measures.OrderSelections[place], measures);
                foreach (var entry in entries)
                    closed[place] = closed[place].Insert(entry);
            }

            orders = orders.RemoveAt(earliest);
        }

        return orders;
    }

    private static void AddEntries(List<SeriesEntry> entries, in StandingOrder order, Selection selection, MeasureSet measures)
    {
        var fields = FieldsOf(order, measures);
        if (!IsAmong(selection, order, fields))
            return;
        if (selection.List is null)
        {
            entries.Add(SeriesEntry.Of(fields, order.Id, order.Weight, selection));
            return;
        }

        foreach (var item in selection.ItemsOf(fields))
        {
            if (selection.AcceptsItem(fields, item, out var itemFields))
                entries.Add(SeriesEntry.Of(itemFields, order.Id, order.Weight, selection));
        }
    }

    /// <summary>Whether a selection looks at an order. What takes amounts or orders back without naming one takes no line items.</summary>
    private static bool IsAmong(Selection selection, in StandingOrder order, in FieldSource fields) =>
        (selection.Name is null || selection.Name == order.Name) && (selection.List is null || order.Weight > 0) && selection.Accepts(fields);

    private static FieldSource FieldsOf(in StandingOrder order, MeasureSet measures) => new(order.Time, order.Name, null, order.Slots, measures.Zone);
}
