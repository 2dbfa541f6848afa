namespace TaggingPipeline.Processing.Projections;

/// <summary>Reads of a feed what somebody asks for.</summary>
public static class FilteredFeed
{
    /// <summary>How much of the feed is gone through at once at most, in pages: a filter that nothing fits must not hold a reader for ever.</summary>
    private const int MaxPages = 20;
    private const int PageSize = 1000;

    /// <summary>Entries that fit, after a position.</summary>
    /// <param name="customer">Null for any customer.</param>
    /// <returns>Up to <paramref name="limit"/> of them, and the position up to which the feed was read: <paramref name="after"/> if nothing follows it.</returns>
    public static async Task<(IReadOnlyList<FeedEntry> Entries, long ReadTo)> ReadAsync(
        this IChangeFeed feed, ChangeFilter filter, string? customer, long after, int limit, CancellationToken cancellationToken)
    {
        var found = new List<FeedEntry>();
        var readTo = after;
        for (var pages = 0; pages < MaxPages && found.Count < limit; pages++)
        {
            var size = filter.FitsAll ? limit - found.Count : PageSize;
            var page = customer is null
                ? await feed.ReadAsync(readTo, size, cancellationToken)
                : await feed.ReadOfCustomerAsync(customer, readTo, size, cancellationToken);
            foreach (var entry in page)
            {
                if (found.Count == limit)
                    break;
                readTo = entry.Position;
                if (filter.Fits(entry))
                    found.Add(entry);
            }

            if (page.Count < size)
                break;
        }

        return (found, readTo);
    }
}
