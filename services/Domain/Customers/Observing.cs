using System.Collections.Immutable;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Customers;

/// <summary>Merges single events into facts.</summary>
internal static class Observing
{
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
        var series = known.Series.Edit();
        var orders = known.Orders;
        var leftOut = known.LeftOut;
        if (measures.Currencies is { } currencies && kind != EventKind.Profile)
        {
            var converted = currencies.Convert(observed.Properties, kind, out var unknown);
            observed = ReferenceEquals(converted, observed.Properties) ? observed : observed with { Properties = converted };
            leftOut = unknown is null ? leftOut : LeftOutAmounts.With(leftOut, unknown);
        }

        var fields = new FieldSource(time, observed.Name, observed.Properties, default, measures.Zone);
        foreach (var selection in measures.For(kind, observed.Name))
        {
            if (!selection.Accepts(fields))
                continue;
            series[selection.Index] = With(series[selection.Index], fields, observed.Id, 1, selection);
        }

        if (kind is EventKind.Purchase or EventKind.OrderUpdated or EventKind.OrderRefunded or EventKind.OrderCancelled && measures.OrderSelections.Length > 0)
        {
            orders = OrderBook.With(orders, observed, kind, measures, out var before, out var after);
            if (before is null)
                OrderSeries.Add(ref series, after, measures);
            else
                OrderSeries.Rebuild(ref series, known.Closed, orders, measures);
        }

        var traits = kind == EventKind.Profile ? WithTraits(known.TraitFacts, observed, time) : known.TraitFacts;
        return new CustomerFacts(known)
        {
            Series = series.ToList(),
            Orders = orders,
            TraitFacts = traits,
            First = known.First is { } first ? Math.Min(first, time) : time,
            Last = known.Last is { } last ? Math.Max(last, time) : time,
            LeftOut = leftOut,
        };
    }

    /// <summary>The facts with an event that waits for its time.</summary>
    public static CustomerFacts Await(CustomerFacts known, CustomerEvent observed)
    {
        var position = known.Waiting.Length;
        while (position > 0 && IsBefore(observed, known.Waiting[position - 1]))
            position--;
        return new(known) { Waiting = known.Waiting.Insert(position, observed) };

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
        var result = new CustomerFacts(known) { Waiting = known.Waiting.RemoveRange(0, due) };
        foreach (var observed in known.Waiting.AsSpan()[..due])
            result = Merge(result, observed);
        return result;
    }

    /// <summary>The series with an event or order, or with the items of its list.</summary>
    internal static Series With(Series series, in FieldSource fields, string id, int weight, Selection selection)
    {
        if (selection.List is null)
            return series.With(fields, id, weight);
        foreach (var item in selection.ItemsOf(fields))
        {
            if (selection.AcceptsItem(fields, item, out var itemFields))
                series = series.With(itemFields, id, weight);
        }

        return series;
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

    /// <summary>The facts with other knowledge of the tags themselves.</summary>
    public static CustomerFacts WithTagFacts(CustomerFacts known, TagFacts tags) => new(known) { TagFacts = tags };
}
