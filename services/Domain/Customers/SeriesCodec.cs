using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Expressions;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Customers;

/// <summary>Writes and reads series in their canonical form.</summary>
internal static partial class SeriesCodec
{
    /// <summary>From so many entries on, values are written once and named by their place after that.</summary>
    private const int Long = 512;

    public static void Encode(FactsWriter writer, Series series, Selection selection)
    {
        var (count, before) = (series.Single, 0L);
        writer.Unsigned((ulong)count);
        for (var index = series.Grouped; index < series.Count; index++)
        {
            Time(writer, series.TimeAt(index), before, index == series.Grouped);
            before = series.TimeAt(index);
            for (var column = 0; count < Long && column < series.ColumnCount; column++)
                writer.Value(series.ValueAt(column, index));
            if (index >= series.Count - Explanation.MostEvents)
                writer.OptionalText(series.IdAt(index));
        }

        for (var column = 0; count >= Long && column < series.ColumnCount; column++)
        {
            writer.ForgetRepeated();
            for (var index = series.Grouped; index < series.Count; index++)
                writer.Repeated(series.ValueAt(column, index));
        }

        writer.ForgetRepeated();
        if (selection.Source == SelectionSource.Orders)
            EncodeWeights(writer, series);
        if (selection.KeepsSettled)
            Encode(writer, series.Settled, selection);
        if (count >= selection.Limits.Entries)
            EncodeGroups(writer, series.Groups, selection);
    }

    public static Series Read(ref FactsReader reader, Selection selection)
    {
        var count = reader.Count();
        var entries = new SeriesEntry[count];
        var time = 0L;
        for (var index = 0; index < count; index++)
        {
            time = ReadTime(ref reader, time, index == 0);
            var values = selection.Columns.IsEmpty ? [] : new Value[selection.Columns.Length];
            for (var column = 0; count < Long && column < values.Length; column++)
                values[column] = reader.Value();
            entries[index] = new(time, index >= count - Explanation.MostEvents ? reader.OptionalText() : null, 1, values);
        }

        for (var column = 0; count >= Long && column < selection.Columns.Length; column++)
        {
            reader.ForgetRepeated();
            foreach (var entry in entries)
                entry.Values[column] = reader.Repeated();
        }

        reader.ForgetRepeated();
        if (selection.Source == SelectionSource.Orders)
            ReadWeights(ref reader, entries);
        var storage = new SeriesStorage(selection, count);
        for (var index = 0; index < count; index++)
            storage.Write(index, entries[index].Time, entries[index].Id, entries[index].Weight, entries[index].Values);
        var settled = selection.KeepsSettled ? ReadSettled(ref reader, selection) : Settled.Nothing(selection.Columns.Length);
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

    private static void ReadWeights(ref FactsReader reader, SeriesEntry[] entries)
    {
        for (var count = reader.Count(); count > 0; count--)
        {
            var (index, weight) = (reader.Unsigned(), (int)reader.Signed());
            if (index >= (ulong)entries.Length)
                throw new InvalidDataException("The facts give a weight to an entry that is not there.");
            entries[index] = entries[index] with { Weight = weight };
        }
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
