namespace TaggingPipeline.Domain.Rules.Measures;

/// <summary>Older events up to some age are kept in groups: cells of a grid over all time, of one width.</summary>
/// <param name="Reach">In milliseconds: a cell belongs to the band until all of it is longer ago. <see cref="long.MaxValue"/> for always.</param>
/// <param name="Mask">The width of its cells in milliseconds, a power of two, less one. So the cells of a wider band are made of whole cells of a narrower one.</param>
internal readonly record struct Band(long Reach, long Mask)
{
    /// <summary>The mask of groups for events since an instant, where no window says how fine they must be: 2²⁸ ms, some 3.1 days.</summary>
    public const long SinceMask = (1L << 28) - 1;

    /// <summary>The last instant of an instant's cell.</summary>
    public static long EndOf(long time, long mask) => time | mask;

    /// <summary>The bands that serve some windows: any age lies in cells no wider than the cells of every window that reaches so far.</summary>
    /// <param name="windows">Each window's retention, and the mask of its groups.</param>
    /// <returns>By ascending reach and width; one that reaches nowhere if there are no windows.</returns>
    public static Band[] Of(IEnumerable<Band> windows)
    {
        var bands = new List<Band>();
        foreach (var window in windows.OrderByDescending(window => window.Reach))
        {
            var mask = bands.Count == 0 ? window.Mask : Math.Min(window.Mask, bands[^1].Mask);
            if (bands.Count == 0 || mask < bands[^1].Mask)
                bands.Add(window with { Mask = mask });
        }

        bands.Reverse();
        return bands.Count == 0 ? [new(0, 0)] : [.. bands];
    }

    /// <summary>The band in which an instant lies as of another.</summary>
    public static int Find(Band[] bands, long time, long asOf)
    {
        var band = 0;
        while (band + 1 < bands.Length && asOf >= LeavesAt(bands, band, time))
            band++;
        return band;
    }

    /// <summary>When a cell passes into the next band, or out of the last; never out of one without end.</summary>
    public static long LeavesAt(Band[] bands, int band, long time)
    {
        var reach = bands[band].Reach;
        return reach == long.MaxValue ? long.MaxValue : EndOf(time, bands[Math.Min(band + 1, bands.Length - 1)].Mask) + reach;
    }
}
