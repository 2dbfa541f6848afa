using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Expressions;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Customers;

/// <summary>Writes facts in their canonical form.</summary>
internal static class FactsEncoder
{
    public static byte[] Encode(CustomerFacts facts)
    {
        var writer = FactsWriter.Start();
        OptionalInstant(writer, facts.First);
        OptionalInstant(writer, facts.Last);
        foreach (var selection in facts.Measures.Selections)
        {
            if (selection.Source != SelectionSource.Orders)
                SeriesCodec.Encode(writer, facts.Series[selection.Index], selection);
        }

        for (var place = 0; place < facts.Closed.Count; place++)
            SeriesCodec.Encode(writer, facts.Closed[place], facts.Measures.OrderSelections[place]);
        writer.Unsigned((ulong)facts.Orders.Length);
        var before = 0L;
        foreach (var order in facts.Orders)
            Encode(writer, order, ref before);
        writer.Unsigned((ulong)facts.TraitFacts.Length);
        foreach (var trait in facts.TraitFacts)
        {
            writer.Text(trait.Name);
            writer.Value(trait.Value);
            writer.Signed(trait.Time);
            writer.Text(trait.EventId);
        }

        writer.Unsigned((ulong)facts.Waiting.Length);
        foreach (var waiting in facts.Waiting)
            Encode(writer, waiting);
        EncodeSeldom(writer, facts);
        return writer.ToArray(facts.Measures.Fingerprint);
    }

    private static void Encode(FactsWriter writer, Order order, ref long before)
    {
        writer.Text(order.Id);
        writer.Byte(order.IsNamed ? (byte)1 : (byte)0);
        writer.Unsigned((ulong)order.Events.Length);
        foreach (var part in order.Events)
        {
            writer.Signed(part.Time - before);
            before = part.Time;
            writer.Text(part.Id);
            writer.Byte((byte)part.Kind);
            writer.Text(part.Name);
            foreach (var value in part.Slots)
                writer.Repeated(value);
        }
    }

    private static void Encode(FactsWriter writer, CustomerEvent waiting)
    {
        writer.Text(waiting.Id);
        writer.Text(waiting.Customer);
        writer.Byte((byte)waiting.Kind);
        writer.Text(waiting.Name);
        writer.Signed(waiting.OccurredAt.ToUnixTimeMilliseconds());
        writer.Bag(waiting.Properties);
    }

    /// <summary>Most customers have nothing of it, and then nothing is written.</summary>
    private static void EncodeSeldom(FactsWriter writer, CustomerFacts facts)
    {
        if (ReferenceEquals(facts.TagFacts, TagFacts.None) && facts.LeftOut.IsEmpty)
            return;
        Encode(writer, facts.TagFacts);
        if (facts.LeftOut.IsEmpty)
            return;
        writer.Unsigned((ulong)facts.LeftOut.Length);
        foreach (var (currency, events) in facts.LeftOut)
        {
            writer.Text(currency);
            writer.Unsigned((ulong)events);
        }
    }

    private static void Encode(FactsWriter writer, TagFacts tags)
    {
        writer.Unsigned((ulong)tags.ByHand.Length);
        foreach (var done in tags.ByHand)
        {
            writer.Text(done.Key);
            writer.Byte((byte)done.Action);
            writer.Value(done.Value);
            writer.Text(done.By);
            writer.Text(done.Reason);
            writer.Signed(done.Time);
            writer.Text(done.EventId);
        }

        writer.Unsigned((ulong)tags.Assigned.Length);
        foreach (var assigned in tags.Assigned)
        {
            writer.Text(assigned.Key);
            writer.Value(assigned.Value);
            writer.Signed(assigned.Time);
            writer.Unsigned((ulong)assigned.Sequence);
        }
    }

    private static void OptionalInstant(FactsWriter writer, long? instant)
    {
        writer.Byte(instant is null ? (byte)0 : (byte)1);
        if (instant is { } time)
            writer.Signed(time);
    }
}

/// <summary>Reads facts from their canonical form.</summary>
internal static class FactsDecoder
{
    public static CustomerFacts? Decode(ReadOnlySpan<byte> bytes, MeasureSet measures)
    {
        var reader = new FactsReader(bytes, out var fingerprint);
        if (fingerprint != measures.Fingerprint)
            return null;
        var first = OptionalInstant(ref reader);
        var last = OptionalInstant(ref reader);
        var series = new Series[measures.Selections.Length];
        foreach (var selection in measures.Selections)
            series[selection.Index] = selection.Source == SelectionSource.Orders ? Series.Empty(selection) : SeriesCodec.Read(ref reader, selection);

        var closed = new Series[measures.OrderSelections.Length];
        for (var place = 0; place < closed.Length; place++)
            closed[place] = SeriesCodec.Read(ref reader, measures.OrderSelections[place]);
        var orders = new Order[reader.Count()];
        var before = 0L;
        for (var i = 0; i < orders.Length; i++)
            orders[i] = ReadOrder(ref reader, measures, ref before);
        var traits = new TraitFact[reader.Count()];
        for (var i = 0; i < traits.Length; i++)
            traits[i] = new(reader.Text(), reader.Value(), reader.Signed(), reader.Text());
        var waiting = new CustomerEvent[reader.Count()];
        for (var i = 0; i < waiting.Length; i++)
            waiting[i] = ReadWaiting(ref reader);
        var tags = reader.AtEnd ? TagFacts.None : ReadTags(ref reader);
        var leftOut = new LeftOutAmounts[reader.AtEnd ? 0 : reader.Count()];
        for (var i = 0; i < leftOut.Length; i++)
            leftOut[i] = new(reader.Text(), (long)reader.Unsigned());
        if (!reader.AtEnd)
            throw new InvalidDataException("The facts go on after their end.");

        var book = ImmutableArray.Create(orders);
        var (filled, closedOnes) = (DueList<Series>.Of(series).Edit(), DueList<Series>.Of(closed));
        OrderSeries.Rebuild(ref filled, closedOnes, book, measures);
        return new(measures, filled.ToList(), closedOnes)
        {
            Orders = book,
            TraitFacts = ImmutableArray.Create(traits),
            Waiting = ImmutableArray.Create(waiting),
            First = first,
            Last = last,
            TagFacts = tags,
            LeftOut = ImmutableArray.Create(leftOut),
        };
    }

    private static Order ReadOrder(ref FactsReader reader, MeasureSet measures, ref long before)
    {
        var id = reader.Text();
        var isNamed = reader.Byte() == 1;
        var events = new OrderEvent[reader.Count()];
        for (var i = 0; i < events.Length; i++)
        {
            var (time, eventId, kind, name) = (before + reader.Signed(), reader.Text(), (EventKind)reader.Byte(), reader.Text());
            before = time;
            var slots = new Value[measures.OrderFields.Length];
            for (var slot = 0; slot < slots.Length; slot++)
                slots[slot] = reader.Repeated();
            events[i] = new(time, eventId, kind, name, slots);
        }

        return new(id, isNamed, ImmutableArray.Create(events));
    }

    private static CustomerEvent ReadWaiting(ref FactsReader reader) => new()
    {
        Id = reader.Text(),
        Customer = reader.Text(),
        Kind = (EventKind)reader.Byte(),
        Name = reader.Text(),
        OccurredAt = Instant.FromUnixTimeMilliseconds(reader.Signed()),
        Properties = reader.Bag(),
    };

    private static TagFacts ReadTags(ref FactsReader reader)
    {
        var byHand = new HandTag[reader.Count()];
        for (var i = 0; i < byHand.Length; i++)
        {
            byHand[i] = new(
                reader.Text(), (HandAction)reader.Byte(), reader.Value(), reader.Text(), reader.Text(), reader.Signed(), reader.Text());
        }

        var assigned = new TagAssignment[reader.Count()];
        for (var i = 0; i < assigned.Length; i++)
            assigned[i] = new(reader.Text(), reader.Value(), Instant.FromUnixTimeMilliseconds(reader.Signed()), (long)reader.Unsigned());
        return TagFacts.Of(ImmutableArray.Create(byHand), ImmutableArray.Create(assigned));
    }

    private static long? OptionalInstant(ref FactsReader reader) => reader.Byte() == 0 ? null : reader.Signed();
}
