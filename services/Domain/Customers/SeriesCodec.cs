using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Expressions;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Customers;

/// <summary>Writes and reads series in their canonical form.</summary>
internal static class SeriesCodec
{
    /// <summary>From so many entries on, values are written once and named by their place after that.</summary>
    private const int Long = 512;

    public static void Encode(FactsWriter writer, Series series, Selection selection)
    {
        var count = series.Single;
        var isOrders = selection.Source == SelectionSource.Orders;
        writer.Unsigned((ulong)count);
        var before = 0L;
        for (var index = series.Grouped; index < series.Count; index++)
        {
            Time(writer, series.TimeAt(index), before, index == series.Grouped);
            before = series.TimeAt(index);
            for (var column = 0; column < series.ColumnCount; column++)
                EncodeValue(writer, series.ValueAt(column, index), count);
            if (index >= series.Count - Explanation.MostEvents)
                writer.OptionalText(series.IdAt(index));
        }

        if (isOrders)
            EncodeWeights(writer, series);
        if (selection.KeepsSettled)
            Encode(writer, series.Settled, selection);
        if (count >= selection.Limits.Entries)
            EncodeGroups(writer, series.Groups, selection);
    }

    public static Series Read(ref FactsReader reader, Selection selection)
    {
        var count = reader.Count();
        var isOrders = selection.Source == SelectionSource.Orders;
        var storage = new SeriesStorage(selection, count);
        var entries = isOrders ? new List<SeriesEntry>(count) : null;
        var values = new Value[selection.Columns.Length];
        var time = 0L;
        for (var index = 0; index < count; index++)
        {
            time = ReadTime(ref reader, time, index == 0);
            for (var column = 0; column < values.Length; column++)
                values[column] = ReadValue(ref reader, count);
            var id = index >= count - Explanation.MostEvents ? reader.OptionalText() : null;
            if (entries is null)
                storage.Write(index, time, id, 1, values);
            else
                entries.Add(new(time, id, 1, [.. values]));
        }

        if (entries is not null)
            ReadWeights(ref reader, entries, storage);
        var settled = selection.KeepsSettled ? ReadSettled(ref reader, selection) : Settled.Nothing(values.Length);
        return Series.Of(storage, count, settled, count < selection.Limits.Entries ? EventGroups.None(selection) : ReadGroups(ref reader, selection));
    }

    /// <summary>An instant that is not before the one before.</summary>
    private static void Time(FactsWriter writer, long time, long before, bool isFirst)
    {
        if (isFirst)
            writer.Signed(time);
        else
            writer.Unsigned((ulong)(time - before));
    }

    private static long ReadTime(ref FactsReader reader, long before, bool isFirst) => isFirst ? reader.Signed() : before + (long)reader.Unsigned();

    /// <summary>Where which entries do not count as one: few of them.</summary>
    private static void EncodeWeights(FactsWriter writer, Series series)
    {
        var others = Enumerable.Range(0, series.Single).Where(index => series.WeightAt(series.Grouped + index) != 1).ToArray();
        writer.Unsigned((ulong)others.Length);
        foreach (var index in others)
        {
            writer.Unsigned((ulong)index);
            writer.Signed(series.WeightAt(series.Grouped + index));
        }
    }

    private static void ReadWeights(ref FactsReader reader, List<SeriesEntry> entries, SeriesStorage storage)
    {
        for (var count = reader.Count(); count > 0; count--)
        {
            var (index, weight) = (reader.Unsigned(), (int)reader.Signed());
            if (index >= (ulong)entries.Count)
                throw new InvalidDataException("The facts give a weight to an entry that is not there.");
            entries[(int)index] = entries[(int)index] with { Weight = weight };
        }

        for (var index = 0; index < entries.Count; index++)
            storage.Write(index, entries[index].Time, entries[index].Id, entries[index].Weight, entries[index].Values);
    }

    private static void EncodeValue(FactsWriter writer, in Value value, int count)
    {
        if (count < Long)
            writer.Value(value);
        else
            writer.Repeated(value);
    }

    private static Value ReadValue(ref FactsReader reader, int count) => count < Long ? reader.Value() : reader.Repeated();

    private static void EncodeGroups(FactsWriter writer, EventGroups groups, Selection selection)
    {
        writer.Unsigned((ulong)groups.Count);
        var before = 0L;
        for (var index = 0; index < groups.Count; index++)
        {
            var group = groups[index];
            Time(writer, group.Time, before, index == 0);
            before = group.Time;

            // Most groups are of the same band as the one before.
            var isOfSameBand = index > 0 && group.Band == groups[index - 1].Band;
            writer.Signed((group.Weight * 2L) + (isOfSameBand ? 0 : 1));
            if (!isOfSameBand)
                writer.Unsigned((ulong)group.Band);
            if (selection.WantsInstants)
            {
                var counts = group.First != long.MaxValue;
                writer.Unsigned(counts ? (ulong)(group.Time - group.Last + 1) : 0);
                if (counts)
                    writer.Unsigned((ulong)(group.Time - group.First));
            }

            for (var column = 0; column < group.Columns.Length; column++)
                Encode(writer, group.Columns[column], selection.Columns[column].Grouped, group.Time);
        }

        for (var column = 0; column < groups.Seen.Length; column++)
        {
            if ((selection.Columns[column].Windowed & SettledUse.Distinct) == 0)
                continue;
            writer.Unsigned((ulong)groups.Seen[column].Length);
            foreach (var (value, time) in groups.Seen[column])
            {
                writer.Repeated(value);
                writer.Signed(before - time);
            }
        }
    }

    private static EventGroups ReadGroups(ref FactsReader reader, Selection selection)
    {
        var groups = new List<EventGroup>();
        var (time, band) = (0L, 0);
        for (var count = reader.Count(); count > 0; count--)
        {
            time = ReadTime(ref reader, time, groups.Count == 0);
            var weight = reader.Signed();
            if ((weight & 1) != 0)
                band = (int)Math.Min(reader.Unsigned(), (ulong)(selection.Bands.Length - 1));
            var (first, last) = (time, time);
            if (selection.WantsInstants)
            {
                var distance = (long)reader.Unsigned();
                (first, last) = distance == 0 ? (long.MaxValue, long.MinValue) : (time - (long)reader.Unsigned(), time - distance + 1);
            }

            var columns = new SettledColumn[selection.Columns.Length];
            for (var column = 0; column < columns.Length; column++)
                columns[column] = ReadColumn(ref reader, selection.Columns[column].Grouped, time);
            groups.Add(new(band, time, first, last, (int)(weight >> 1), columns));
        }

        var seen = EventGroups.NoneSeen(selection);
        for (var column = 0; column < seen.Length; column++)
        {
            if ((selection.Columns[column].Windowed & SettledUse.Distinct) == 0)
                continue;
            seen[column] = new LastSeen[reader.Count()];
            for (var i = 0; i < seen[column].Length; i++)
                seen[column][i] = new(reader.Repeated(), time - reader.Signed());
        }

        return EventGroups.Of(groups, seen, selection);
    }

    private static void Encode(FactsWriter writer, Settled settled, Selection selection)
    {
        writer.Unsigned((ulong)settled.Entries);
        if (settled.IsNothing)
            return;
        writer.Signed(settled.Entries - settled.Count);
        writer.Byte(settled.HasCounting ? (byte)1 : (byte)0);
        var last = settled.HasCounting ? settled.LastTime : 0;
        if (settled.HasCounting)
        {
            writer.Signed(settled.FirstTime);
            writer.Signed(last);
        }

        for (var i = 0; i < settled.Columns.Length; i++)
            Encode(writer, settled.Columns[i], selection.Columns[i].Settled, last);
    }

    private static Settled ReadSettled(ref FactsReader reader, Selection selection)
    {
        var entries = (long)reader.Unsigned();
        if (entries == 0)
            return Settled.Nothing(selection.Columns.Length);
        var count = entries - reader.Signed();
        var hasCounting = reader.Byte() == 1;
        var (first, last) = hasCounting ? (reader.Signed(), reader.Signed()) : (long.MaxValue, long.MinValue);
        var columns = new SettledColumn[selection.Columns.Length];
        for (var i = 0; i < columns.Length; i++)
            columns[i] = ReadColumn(ref reader, selection.Columns[i].Settled, hasCounting ? last : 0);
        return new(entries, count, first, last, columns);
    }

    /// <param name="near">An instant near those that are written.</param>
    private static void Encode(FactsWriter writer, in SettledColumn column, SettledUse asked, long near)
    {
        if ((asked & SettledUse.Sum) != 0)
        {
            writer.Number(column.Sum);
            writer.Unsigned((ulong)column.Numbers);
        }

        if ((asked & SettledUse.Minimum) != 0)
            writer.Repeated(column.Minimum);
        if ((asked & SettledUse.Maximum) != 0)
            writer.Repeated(column.Maximum);
        if ((asked & SettledUse.First) != 0)
        {
            writer.Repeated(column.First);
            if (!column.First.IsMissing)
                writer.Signed(near - column.FirstTime);
        }

        if ((asked & SettledUse.Last) != 0)
        {
            writer.Repeated(column.Last);
            if (!column.Last.IsMissing)
                writer.Signed(near - column.LastTime);
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
                writer.Signed(near - lastTime);
            }
        }
    }

    private static SettledColumn ReadColumn(ref FactsReader reader, SettledUse asked, long near)
    {
        var column = default(SettledColumn);
        if ((asked & SettledUse.Sum) != 0)
            column = column with { Sum = reader.Number(), Numbers = (long)reader.Unsigned() };
        if ((asked & SettledUse.Minimum) != 0)
            column = column with { Minimum = reader.Repeated() };
        if ((asked & SettledUse.Maximum) != 0)
            column = column with { Maximum = reader.Repeated() };
        if ((asked & SettledUse.First) != 0 && reader.Repeated() is { IsMissing: false } first)
            column = column with { First = first, FirstTime = near - reader.Signed() };
        if ((asked & SettledUse.Last) != 0 && reader.Repeated() is { IsMissing: false } last)
            column = column with { Last = last, LastTime = near - reader.Signed() };
        if ((asked & SettledUse.Distinct) != 0)
            column = column with { Distinct = ReadValues(ref reader) };
        if ((asked & SettledUse.Frequencies) != 0)
            column = column with { Frequencies = ReadFrequencies(ref reader, near) };
        return column;
    }

    private static Value[]? ReadValues(ref FactsReader reader)
    {
        var values = new Value[reader.Count()];
        for (var i = 0; i < values.Length; i++)
            values[i] = reader.Value();
        return values.Length == 0 ? null : values;
    }

    private static Frequency[]? ReadFrequencies(ref FactsReader reader, long near)
    {
        var frequencies = new Frequency[reader.Count()];
        for (var i = 0; i < frequencies.Length; i++)
            frequencies[i] = new(reader.Value(), (long)reader.Unsigned(), near - reader.Signed());
        return frequencies.Length == 0 ? null : frequencies;
    }
}
