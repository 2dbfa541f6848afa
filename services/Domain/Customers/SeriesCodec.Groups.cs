using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Customers;

/// <content>Groups of older events.</content>
internal static partial class SeriesCodec
{
    private static void EncodeGroups(FactsWriter writer, EventGroups groups, Selection selection)
    {
        // A group is of no wider band than the one before.
        for (var (band, index) = (selection.Bands.Length - 1, 0); band >= 0; band--)
        {
            var first = index;
            while (index < groups.Count && groups[index].Band == band)
                index++;
            writer.Unsigned((ulong)(index - first));
        }

        var isOrders = selection.Source == SelectionSource.Orders;
        var before = 0L;
        for (var index = 0; index < groups.Count; index++)
        {
            var group = groups[index];
            Time(writer, group.Time, before, index == 0);
            before = group.Time;
            if (isOrders)
                writer.Signed(group.Weight);
            else
                writer.Unsigned((ulong)group.Weight);
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
        var bands = new List<int>();
        for (var band = selection.Bands.Length - 1; band >= 0; band--)
            bands.AddRange(Enumerable.Repeat(band, reader.Count()));
        var isOrders = selection.Source == SelectionSource.Orders;
        var groups = new List<EventGroup>(bands.Count);
        var time = 0L;
        foreach (var band in bands)
        {
            time = ReadTime(ref reader, time, groups.Count == 0);
            var weight = isOrders ? (int)reader.Signed() : (int)reader.Unsigned();
            var (first, last) = (time, time);
            if (selection.WantsInstants)
            {
                var distance = (long)reader.Unsigned();
                (first, last) = distance == 0 ? (long.MaxValue, long.MinValue) : (time - (long)reader.Unsigned(), time - distance + 1);
            }

            var columns = new SettledColumn[selection.Columns.Length];
            for (var column = 0; column < columns.Length; column++)
                columns[column] = ReadColumn(ref reader, selection.Columns[column].Grouped, time);
            groups.Add(new(band, time, first, last, weight, columns));
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
}
