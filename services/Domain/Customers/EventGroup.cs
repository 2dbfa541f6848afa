using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Customers;

/// <summary>Older events of a series that lie in one cell of a <see cref="Measures.Band"/>, in sum.</summary>
/// <remarks>Immutable. Adding the same events in any order, and in any groups, gives the same.</remarks>
/// <param name="Band">Its place among the selection's bands.</param>
/// <param name="Time">Of its newest event.</param>
/// <param name="First">The earliest event that counts; <see cref="long.MaxValue"/> where none does.</param>
/// <param name="Last">The latest event that counts; <see cref="long.MinValue"/> where none does.</param>
/// <param name="Weight">The sum of weights.</param>
/// <param name="Columns">What windows ask of each column.</param>
internal sealed record EventGroup(int Band, long Time, long First, long Last, int Weight, SettledColumn[] Columns)
{
    public static EventGroup Of(in SeriesEntry entry, int band, Selection selection) =>
        new EventGroup(band, entry.Time, long.MaxValue, long.MinValue, 0, new SettledColumn[selection.Columns.Length]).With(entry, selection);

    public EventGroup With(in SeriesEntry entry, Selection selection)
    {
        var columns = new SettledColumn[Columns.Length];
        for (var i = 0; i < columns.Length; i++)
            columns[i] = Columns[i].With(entry.Time, entry.Weight, entry.Values[i], selection.Columns[i].Grouped, selection.Limits);
        var counts = entry.Weight > 0;
        return new(
            Band, Math.Max(Time, entry.Time), counts ? Math.Min(First, entry.Time) : First, counts ? Math.Max(Last, entry.Time) : Last, Weight + entry.Weight, columns);
    }

    /// <summary>Two groups of one cell of a wider band.</summary>
    public EventGroup With(EventGroup later, int band)
    {
        var columns = new SettledColumn[Columns.Length];
        for (var i = 0; i < columns.Length; i++)
            columns[i] = Columns[i].With(later.Columns[i]);
        return new(band, Math.Max(Time, later.Time), Math.Min(First, later.First), Math.Max(Last, later.Last), Weight + later.Weight, columns);
    }
}

/// <summary>When a value was seen last among older events.</summary>
internal readonly record struct LastSeen(Domain.Events.Value Value, long Time);
