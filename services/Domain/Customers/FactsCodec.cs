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
                Encode(writer, facts.Series[selection.Index], selection);
        }

        writer.Unsigned((ulong)facts.Orders.Length);
        foreach (var order in facts.Orders)
            Encode(writer, order);
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
        Encode(writer, facts.TagFacts);
        return writer.ToArray(facts.Measures.Fingerprint);
    }

    private static void Encode(FactsWriter writer, Series series, Selection selection)
    {
        writer.Unsigned((ulong)series.Count);
        var before = 0L;
        for (var index = 0; index < series.Count; index++)
        {
            writer.Signed(series.TimeAt(index) - before);
            before = series.TimeAt(index);
            for (var column = 0; column < series.ColumnCount; column++)
                writer.Value(series.ValueAt(column, index));
            if (index >= series.Count - Explanation.MostEvents)
                writer.OptionalText(series.IdAt(index));
        }

        if (selection.KeepsSettled)
            Encode(writer, series.Settled, selection);
    }

    private static void Encode(FactsWriter writer, Settled settled, Selection selection)
    {
        writer.Unsigned((ulong)settled.Count);
        if (settled.IsNothing)
            return;
        writer.Signed(settled.FirstTime);
        writer.Signed(settled.LastTime);
        for (var i = 0; i < settled.Columns.Length; i++)
        {
            var asked = selection.Columns[i].Settled;
            var column = settled.Columns[i];
            if ((asked & SettledUse.Sum) != 0)
            {
                writer.Number(column.Sum);
                writer.Unsigned((ulong)column.Numbers);
            }

            if ((asked & SettledUse.Minimum) != 0)
                writer.Value(column.Minimum);
            if ((asked & SettledUse.Maximum) != 0)
                writer.Value(column.Maximum);
            if ((asked & SettledUse.First) != 0)
            {
                writer.Signed(column.FirstTime);
                writer.Value(column.First);
            }

            if ((asked & SettledUse.Last) != 0)
            {
                writer.Signed(column.LastTime);
                writer.Value(column.Last);
            }

            if ((asked & SettledUse.Distinct) != 0)
            {
                writer.Unsigned((ulong)(column.Distinct?.Length ?? 0));
                foreach (var value in column.Distinct ?? [])
                    writer.Value(value);
            }

            if ((asked & SettledUse.Frequencies) != 0)
            {
                writer.Unsigned((ulong)(column.Frequencies?.Length ?? 0));
                foreach (var (value, count, lastTime) in column.Frequencies ?? [])
                {
                    writer.Value(value);
                    writer.Unsigned((ulong)count);
                    writer.Signed(lastTime);
                }
            }
        }
    }

    private static void Encode(FactsWriter writer, Order order)
    {
        writer.Text(order.Id);
        writer.Byte(order.IsNamed ? (byte)1 : (byte)0);
        writer.Unsigned((ulong)order.Events.Length);
        foreach (var part in order.Events)
        {
            writer.Signed(part.Time);
            writer.Text(part.Id);
            writer.Byte((byte)part.Kind);
            writer.Text(part.Name);
            foreach (var value in part.Slots)
                writer.Value(value);
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

    /// <summary>Most customers have none, and then nothing is written.</summary>
    private static void Encode(FactsWriter writer, TagFacts tags)
    {
        if (ReferenceEquals(tags, TagFacts.None))
            return;
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
        {
            if (selection.Source != SelectionSource.Orders)
                series[selection.Index] = ReadSeries(ref reader, selection);
        }

        var orders = new Order[reader.Count()];
        for (var i = 0; i < orders.Length; i++)
            orders[i] = ReadOrder(ref reader, measures);
        var traits = new TraitFact[reader.Count()];
        for (var i = 0; i < traits.Length; i++)
            traits[i] = new(reader.Text(), reader.Value(), reader.Signed(), reader.Text());
        var waiting = new CustomerEvent[reader.Count()];
        for (var i = 0; i < waiting.Length; i++)
            waiting[i] = ReadWaiting(ref reader);
        var tags = reader.AtEnd ? TagFacts.None : ReadTags(ref reader);
        if (!reader.AtEnd)
            throw new InvalidDataException("The facts go on after their end.");

        var book = ImmutableArray.Create(orders);
        Observing.RebuildOrderSeries(series, book, measures);
        return new(measures, series, book, ImmutableArray.Create(traits), ImmutableArray.Create(waiting), first, last) { TagFacts = tags };
    }

    private static Series ReadSeries(ref FactsReader reader, Selection selection)
    {
        var count = reader.Count();
        var storage = new SeriesStorage(selection, count);
        var values = selection.Columns.IsEmpty ? [] : new Value[selection.Columns.Length];
        var time = 0L;
        for (var index = 0; index < count; index++)
        {
            time += reader.Signed();
            for (var column = 0; column < values.Length; column++)
                values[column] = reader.Value();
            storage.Write(index, time, index >= count - Explanation.MostEvents ? reader.OptionalText() : null, 1, values);
        }

        return Series.Of(storage, count, selection.KeepsSettled ? ReadSettled(ref reader, selection) : Settled.Nothing(values.Length));
    }

    private static Settled ReadSettled(ref FactsReader reader, Selection selection)
    {
        var count = (long)reader.Unsigned();
        if (count == 0)
            return Settled.Nothing(selection.Columns.Length);
        var (first, last) = (reader.Signed(), reader.Signed());
        var columns = new SettledColumn[selection.Columns.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            var asked = selection.Columns[i].Settled;
            var column = columns[i];
            if ((asked & SettledUse.Sum) != 0)
                column = column with { Sum = reader.Number(), Numbers = (long)reader.Unsigned() };
            if ((asked & SettledUse.Minimum) != 0)
                column = column with { Minimum = reader.Value() };
            if ((asked & SettledUse.Maximum) != 0)
                column = column with { Maximum = reader.Value() };
            if ((asked & SettledUse.First) != 0)
                column = column with { FirstTime = reader.Signed(), First = reader.Value() };
            if ((asked & SettledUse.Last) != 0)
                column = column with { LastTime = reader.Signed(), Last = reader.Value() };
            if ((asked & SettledUse.Distinct) != 0)
                column = column with { Distinct = ReadValues(ref reader) };
            if ((asked & SettledUse.Frequencies) != 0)
                column = column with { Frequencies = ReadFrequencies(ref reader) };
            columns[i] = column;
        }

        return new(count, first, last, columns);
    }

    private static Value[]? ReadValues(ref FactsReader reader)
    {
        var values = new Value[reader.Count()];
        for (var i = 0; i < values.Length; i++)
            values[i] = reader.Value();
        return values.Length == 0 ? null : values;
    }

    private static Frequency[]? ReadFrequencies(ref FactsReader reader)
    {
        var frequencies = new Frequency[reader.Count()];
        for (var i = 0; i < frequencies.Length; i++)
            frequencies[i] = new(reader.Value(), (long)reader.Unsigned(), reader.Signed());
        return frequencies.Length == 0 ? null : frequencies;
    }

    private static Order ReadOrder(ref FactsReader reader, MeasureSet measures)
    {
        var id = reader.Text();
        var isNamed = reader.Byte() == 1;
        var events = new OrderEvent[reader.Count()];
        for (var i = 0; i < events.Length; i++)
        {
            var (time, eventId, kind, name) = (reader.Signed(), reader.Text(), (EventKind)reader.Byte(), reader.Text());
            var slots = new Value[measures.OrderFields.Length];
            for (var slot = 0; slot < slots.Length; slot++)
                slots[slot] = reader.Value();
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
