using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Customers;

/// <summary>What windows can still reach of a series before its latest entries: groups of events in order of time, and the values seen in them.</summary>
/// <remarks>
/// Immutable. The last group is apart, since most events that join go into it; the others share storage between versions as series do.
/// </remarks>
internal sealed class EventGroups
{
    private readonly GroupStorage _storage;
    private readonly int _closed;
    private readonly EventGroup? _last;

    private EventGroups(GroupStorage storage, int closed, EventGroup? last, LastSeen[][] seen, long next) => (_storage, _closed, _last, Seen, Next) = (storage, closed, last, seen, next);

    /// <summary>For each column of which different values are counted in windows: the latest of them, by ascending value. Empty for other columns.</summary>
    public LastSeen[][] Seen { get; }

    /// <summary>Before this instant, no group passes into another band or out of reach.</summary>
    public long Next { get; }

    public int Count => _closed + (_last is null ? 0 : 1);

    /// <summary>Whether a group takes more away than it adds, so that a count may grow as groups leave.</summary>
    public bool TakesAway => _storage.TakesAway || _last is { Weight: < 0 };

    /// <summary>The time of the last group; only where there is one.</summary>
    public long Last => _last!.Time;

    public EventGroup this[int index] => index < _closed ? _storage.Groups[index] : _last!;

    public static EventGroups None(Selection selection) => new(GroupStorage.None(selection), 0, null, NoneSeen(selection), long.MaxValue);

    /// <summary>Groups in order of time.</summary>
    public static EventGroups Of(List<EventGroup> groups, LastSeen[][] seen, Selection selection)
    {
        if (groups.Count == 0)
            return None(selection);
        var storage = new GroupStorage(groups.Count + 8, selection);
        var next = long.MaxValue;
        foreach (var group in groups)
            next = Math.Min(next, LeavesAt(group, selection));
        for (var i = 0; i < groups.Count - 1; i++)
            storage.Append(i, groups[i]);
        return new(storage, groups.Count - 1, groups[^1], seen, next);
    }

    public static LastSeen[][] NoneSeen(Selection selection)
    {
        var seen = new LastSeen[selection.Columns.Length][];
        Array.Fill(seen, []);
        return seen;
    }

    /// <summary>The sum of weights of the first groups.</summary>
    public int WeightBefore(int index) => index > _closed ? _storage.Weights[_closed] + _last!.Weight : _storage.Weights[index];

    /// <summary>The totals of a column in the first groups; nothing where no window sums it.</summary>
    public SeriesTotal TotalBefore(int column, int index)
    {
        if (_storage.Totals[column] is not { } totals)
            return default;
        return index > _closed ? GroupStorage.Add(totals[_closed], _last!.Columns[column]) : totals[index];
    }

    /// <summary>The first group later than an instant, before which the last one is not.</summary>
    public int FirstAfter(long time)
    {
        var (low, high) = (0, _closed);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_storage.Times[middle] <= time)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>With one more event, as of an instant.</summary>
    public EventGroups With(in SeriesEntry entry, Selection selection, long asOf)
    {
        var band = Band.Find(selection.Bands, entry.Time, asOf);
        var seen = WithSeen(entry, selection);
        if (_last is null || (entry.Time > _last.Time && !IsOfCell(_last, entry.Time, selection)))
        {
            var added = EventGroup.Of(entry, band, selection);
            var next = Math.Min(Next, LeavesAt(added, selection));
            return _last is null ? new(_storage, 0, added, seen, next) : new(_storage.With(_closed, _last, selection), _closed + 1, added, seen, next);
        }

        if (IsOfCell(_last, entry.Time, selection))
            return new(_storage, _closed, _last.With(entry, selection), seen, Next);

        // A late event, among groups that are there already.
        var groups = ToList();
        var position = groups.Count - 1;
        while (position >= 0 && groups[position].Time > entry.Time && !IsOfCell(groups[position], entry.Time, selection))
            position--;
        if (position >= 0 && IsOfCell(groups[position], entry.Time, selection))
            groups[position] = groups[position].With(entry, selection);
        else
            groups.Insert(position + 1, EventGroup.Of(entry, band, selection));
        return Of(groups, seen, selection);
    }

    /// <summary>As of an instant: what is out of reach is gone, and groups whose age wants no finer ones are put together.</summary>
    public EventGroups Settle(Selection selection, long asOf)
    {
        if (asOf < Next)
            return this;
        var (bands, groups) = (selection.Bands, new List<EventGroup>(Count));
        for (var i = 0; i < Count; i++)
        {
            var group = this[i];
            var band = Math.Max(group.Band, Band.Find(bands, group.Time, asOf));
            if (band == bands.Length - 1 && asOf >= Band.LeavesAt(bands, band, group.Time))
                continue;
            if (groups.Count > 0 && groups[^1] is var before && before.Band == band && Band.EndOf(before.Time, bands[band].Mask) == Band.EndOf(group.Time, bands[band].Mask))
                groups[^1] = before.With(group, band);
            else
                groups.Add(group.Band == band ? group : group with { Band = band });
        }

        var seen = new LastSeen[Seen.Length][];
        for (var i = 0; i < seen.Length; i++)
            seen[i] = Array.TrueForAll(Seen[i], IsReached) ? Seen[i] : Array.FindAll(Seen[i], IsReached);
        return Of(groups, seen, selection);

        bool IsReached(LastSeen value) => asOf < Band.LeavesAt(bands, bands.Length - 1, value.Time);
    }

    private List<EventGroup> ToList()
    {
        var groups = new List<EventGroup>(Count + 1);
        for (var i = 0; i < Count; i++)
            groups.Add(this[i]);
        return groups;
    }

    private static bool IsOfCell(EventGroup group, long time, Selection selection)
    {
        var mask = selection.Bands[group.Band].Mask;
        return Band.EndOf(group.Time, mask) == Band.EndOf(time, mask);
    }

    private static long LeavesAt(EventGroup group, Selection selection) => Band.LeavesAt(selection.Bands, group.Band, group.Time);

    private LastSeen[][] WithSeen(in SeriesEntry entry, Selection selection)
    {
        var result = Seen;
        for (var i = 0; i < result.Length; i++)
        {
            if ((selection.Columns[i].Windowed & SettledUse.Distinct) == 0 || entry.Weight <= 0 || entry.Values[i].IsMissing)
                continue;
            if (ReferenceEquals(result, Seen))
                result = (LastSeen[][])result.Clone();
            result[i] = With(result[i], entry.Values[i], entry.Time, selection.Limits.Values);
        }

        return result;
    }

    /// <summary>Values in order, with one more among them. Of too many, the one seen longest ago goes; of several, the smallest.</summary>
    private static LastSeen[] With(LastSeen[] sorted, Value value, long time, int most)
    {
        var place = sorted.AsSpan().BinarySearch(new ValueOrder(value));
        if (place >= 0)
        {
            if (sorted[place].Time >= time)
                return sorted;
            var result = (LastSeen[])sorted.Clone();
            result[place] = new(value, time);
            return result;
        }

        LastSeen[] longer = [.. sorted.AsSpan(0, ~place), new(value, time), .. sorted.AsSpan(~place)];
        if (longer.Length <= most)
            return longer;
        var oldest = 0;
        for (var i = 1; i < longer.Length; i++)
            oldest = longer[i].Time < longer[oldest].Time ? i : oldest;
        return [.. longer.AsSpan(0, oldest), .. longer.AsSpan(oldest + 1)];
    }
}

/// <summary>Where groups but for the last are kept, with running totals: slots that are written once, in order.</summary>
internal sealed class GroupStorage
{
    private int _used;

    public GroupStorage(int capacity, Selection selection)
    {
        Groups = new EventGroup[capacity];
        Times = new long[capacity];
        Weights = new int[capacity + 1];
        Totals = new SeriesTotal[selection.Columns.Length][];
        for (var i = 0; i < Totals.Length; i++)
            Totals[i] = (selection.Columns[i].Grouped & SettledUse.Sum) != 0 ? new SeriesTotal[capacity + 1] : null;
    }

    public EventGroup[] Groups { get; }

    /// <summary>Those of the groups: looking for one by its time need not go to the groups themselves.</summary>
    public long[] Times { get; }

    /// <summary>At i: the sum of weights before i.</summary>
    public int[] Weights { get; }

    /// <summary>At i: of the groups before i. Null for columns that no window sums.</summary>
    public SeriesTotal[]?[] Totals { get; }

    public bool TakesAway { get; private set; }

    public static GroupStorage None(Selection selection) => new(0, selection);

    /// <summary>This storage with one more group, if nobody else has written there; otherwise another one.</summary>
    public GroupStorage With(int count, EventGroup added, Selection selection)
    {
        var storage = this;
        if (count >= Groups.Length || Interlocked.CompareExchange(ref _used, count + 1, count) != count)
        {
            storage = new(Math.Max(8, count * 2), selection) { _used = count + 1, TakesAway = TakesAway };
            Array.Copy(Groups, storage.Groups, count);
            Array.Copy(Times, storage.Times, count);
            Array.Copy(Weights, storage.Weights, count + 1);
            for (var i = 0; i < Totals.Length; i++)
            {
                if (Totals[i] is { } totals)
                    Array.Copy(totals, storage.Totals[i]!, count + 1);
            }
        }

        storage.Write(count, added);
        return storage;
    }

    /// <summary>Writes the next slot of a storage that nobody else has yet.</summary>
    public void Append(int position, EventGroup added)
    {
        _used = position + 1;
        Write(position, added);
    }

    public static SeriesTotal Add(SeriesTotal total, in SettledColumn column) =>
        new(total.Sum + column.Sum, total.Numbers + (int)column.Numbers, column.Sum < 0 ? total.Negatives + 1 : total.Negatives);

    private void Write(int position, EventGroup added)
    {
        TakesAway |= added.Weight < 0;
        Groups[position] = added;
        Times[position] = added.Time;
        Weights[position + 1] = Weights[position] + added.Weight;
        for (var i = 0; i < Totals.Length; i++)
        {
            if (Totals[i] is { } totals)
                totals[position + 1] = Add(totals[position], added.Columns[i]);
        }
    }
}
