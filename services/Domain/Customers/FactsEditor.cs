using System.Collections.Immutable;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Customers;

/// <summary>Makes other facts of a customer's facts: merges events into them, and brings them within their limits. Whatever is done, each part is copied once.</summary>
/// <remarks>To be passed by reference, and not to be used after <see cref="ToFacts"/>.</remarks>
internal struct FactsEditor(CustomerFacts known)
{
    private readonly MeasureSet _measures = known.Measures;
    private DueList<Series>.Editor _series = known.Series.Edit();
    private DueList<Series> _closed = known.Closed;
    private ImmutableArray<Order> _orders = known.Orders;
    private ImmutableArray<TraitFact> _traits = known.TraitFacts;
    private ImmutableArray<CustomerEvent> _waiting = known.Waiting;
    private TagFacts _tagFacts = known.TagFacts;
    private ImmutableArray<LeftOutAmounts> _leftOut = known.LeftOut;
    private long? _first = known.First;
    private long? _last = known.Last;

    /// <summary>The facts settled for an instant, with the waiting events whose time has come: the same ones, if there is nothing to do.</summary>
    public static CustomerFacts Settled(CustomerFacts known, long asOf)
    {
        if (asOf < known.NextToSettle && (known.Waiting.IsEmpty || asOf < known.Waiting[0].OccurredAt.ToUnixTimeMilliseconds()))
            return known;
        var editor = new FactsEditor(known);
        editor.Release(asOf);
        editor.Settle(asOf);
        return editor.ToFacts();
    }

    /// <summary>Merges an event, or has it wait if its time has not come.</summary>
    public void Observe(CustomerEvent observed, long asOf)
    {
        if (observed.OccurredAt.ToUnixTimeMilliseconds() <= asOf)
            Merge(observed);
        else
            Await(observed);
    }

    /// <summary>Merges the waiting events whose time has come by an instant.</summary>
    public void Release(long asOf)
    {
        var due = 0;
        while (due < _waiting.Length && _waiting[due].OccurredAt.ToUnixTimeMilliseconds() <= asOf)
            due++;
        if (due == 0)
            return;
        var released = _waiting;
        _waiting = released.RemoveRange(0, due);
        foreach (var observed in released.AsSpan()[..due])
            Merge(observed);
    }

    /// <summary>Lets go of what no window can reach at an instant or later, and of what is more than is kept one by one.</summary>
    public void Settle(long asOf)
    {
        var closed = _closed.Edit();
        if (_orders.Length > _measures.Limits.Orders)
            _orders = OrderSeries.Close(_orders, ref closed, _measures);
        Settle(ref _series, asOf);
        Settle(ref closed, asOf);
        _closed = closed.ToList();
    }

    public readonly CustomerFacts ToFacts() => new(known)
    {
        Series = _series.ToList(),
        Closed = _closed,
        Orders = _orders,
        TraitFacts = _traits,
        Waiting = _waiting,
        TagFacts = _tagFacts,
        LeftOut = _leftOut,
        First = _first,
        Last = _last,
    };

    private static void Settle(ref DueList<Series>.Editor series, long asOf)
    {
        for (var chunk = 0; chunk < series.Chunks; chunk++)
        {
            if (asOf < series.DueOf(chunk))
                continue;
            for (var i = 0; i < series.ItemsOf(chunk).Length; i++)
            {
                if (series.ItemsOf(chunk)[i] is var item && asOf >= item.Due)
                    series[(chunk * DueList<Series>.ChunkSize) + i] = item.Settle(asOf);
            }
        }
    }

    private void Merge(CustomerEvent observed)
    {
        if (observed.Kind == EventKind.Tag)
        {
            _tagFacts = HandTag.Of(observed) is { } done ? _tagFacts.With(done) : _tagFacts;
            return;
        }

        if (observed.Kind == EventKind.Assignment)
        {
            _tagFacts = TagAssignment.Of(observed) is { } assigned ? _tagFacts.With(assigned) : _tagFacts;
            return;
        }

        var time = observed.OccurredAt.ToUnixTimeMilliseconds();
        var kind = _measures.KindOf(observed);
        if (_measures.Currencies is { } currencies && kind != EventKind.Profile)
        {
            var converted = currencies.Convert(observed.Properties, kind, out var unknown);
            observed = ReferenceEquals(converted, observed.Properties) ? observed : observed with { Properties = converted };
            _leftOut = unknown is null ? _leftOut : LeftOutAmounts.With(_leftOut, unknown);
        }

        var fields = new FieldSource(time, observed.Name, observed.Properties, default, _measures.Zone);
        foreach (var selection in _measures.For(kind, observed.Name))
        {
            if (selection.Accepts(fields))
                _series[selection.Index] = _series[selection.Index].With(fields, observed.Id, 1);
        }

        if (kind is EventKind.Purchase or EventKind.OrderUpdated or EventKind.OrderRefunded or EventKind.OrderCancelled && _measures.OrderSelections.Length > 0)
        {
            _orders = OrderBook.With(_orders, observed, kind, _measures, out var before, out var after);
            if (before is null)
                OrderSeries.Add(ref _series, after, _measures);
            else
                OrderSeries.Rebuild(ref _series, _closed, _orders, _measures);
        }

        if (kind == EventKind.Profile)
            _traits = TraitFact.With(_traits, observed, time);
        _first = _first is { } first ? Math.Min(first, time) : time;
        _last = _last is { } last ? Math.Max(last, time) : time;
    }

    private void Await(CustomerEvent observed)
    {
        var position = _waiting.Length;
        while (position > 0 && IsBefore(observed, _waiting[position - 1]))
            position--;
        _waiting = _waiting.Insert(position, observed);

        static bool IsBefore(CustomerEvent left, CustomerEvent right) => left.OccurredAt == right.OccurredAt
            ? string.CompareOrdinal(left.Id, right.Id) < 0
            : left.OccurredAt < right.OccurredAt;
    }
}
