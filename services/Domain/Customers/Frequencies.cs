using System.Runtime.InteropServices;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Customers;

/// <summary>How often a value was seen, and when last.</summary>
internal readonly record struct Frequency(Value Value, long Count, long LastTime)
{
    /// <summary>More often seen, then later seen, then larger.</summary>
    public bool IsAbove(Frequency other) =>
        Count != other.Count ? Count > other.Count : LastTime != other.LastTime ? LastTime > other.LastTime : Value.CompareTo(other.Value) > 0;
}

/// <summary>Finds a value among what is sorted by value.</summary>
internal readonly struct ValueOrder(Value value) : IComparable<Frequency>, IComparable<LastSeen>
{
    public int CompareTo(Frequency other) => value.CompareTo(other.Value);

    public int CompareTo(LastSeen other) => value.CompareTo(other.Value);
}

/// <summary>Finds the most frequent value.</summary>
internal static class Frequencies
{
    /// <summary>The value that most of the entries have, and the oldest entry that has it; missing and -1 where none has one.</summary>
    /// <param name="settled">What is known of earlier entries; an entry that leaves then changes nothing.</param>
    public static (Value Value, int Oldest) Top(Series series, int column, int from, int to, Frequency[] settled)
    {
        var seen = new Dictionary<Value, (Frequency Frequency, int Oldest)>();
        foreach (var frequency in settled)
            seen.Add(frequency.Value, (frequency, -1));
        for (var index = from; index < to; index++)
        {
            var value = series.ValueAt(column, index);
            if (value.IsMissing || series.WeightAt(index) <= 0)
                continue;
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(seen, value, out var isKnown);
            known = isKnown
                ? (new(value, known.Frequency.Count + 1, Math.Max(known.Frequency.LastTime, series.TimeAt(index))), known.Oldest)
                : (new(value, 1, series.TimeAt(index)), index);
        }

        var (top, oldest) = (default(Frequency), -1);
        foreach (var (frequency, first) in seen.Values)
        {
            if (top.Value.IsMissing || frequency.IsAbove(top))
                (top, oldest) = (frequency, first);
        }

        return (top.Value, oldest);
    }

    /// <summary>Frequencies by ascending value, with one more entry among them. Of too many values the least frequent of the others goes.</summary>
    public static Frequency[] With(Frequency[] sorted, Value value, long time, int most)
    {
        var place = sorted.AsSpan().BinarySearch(new ValueOrder(value));
        if (place < 0)
            return WithNew(sorted, ~place, new(value, 1, time), most);
        var result = (Frequency[])sorted.Clone();
        result[place] = new(value, sorted[place].Count + 1, Math.Max(sorted[place].LastTime, time));
        return result;
    }

    private static Frequency[] WithNew(Frequency[] sorted, int position, Frequency added, int most)
    {
        if (sorted.Length < most)
            return [.. sorted.AsSpan(0, position), added, .. sorted.AsSpan(position)];
        var least = 0;
        for (var i = 1; i < sorted.Length; i++)
            least = sorted[least].IsAbove(sorted[i]) ? i : least;
        return least < position
            ? [.. sorted.AsSpan(0, least), .. sorted.AsSpan(least + 1, position - least - 1), added, .. sorted.AsSpan(position)]
            : [.. sorted.AsSpan(0, position), added, .. sorted.AsSpan(position, least - position), .. sorted.AsSpan(least + 1)];
    }
}
