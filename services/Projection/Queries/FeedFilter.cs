using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Projection.Queries;

/// <summary>Which changes are asked for; null for any.</summary>
internal sealed record FeedFilter(string? Key, string? Type, string? Customer)
{
    /// <summary>How much of the feed one request goes through at most, in pages: a filter that matches nothing must not hold a request for ever.</summary>
    private const int MaxPages = 20;
    private const int PageSize = 1000;

    public static readonly string[] Types = ["tag.added", "tag.changed", "tag.removed", "segment.entered", "segment.exited"];

    private bool MatchesAll => Key is null && Type is null;

    /// <summary>Matching entries after a position.</summary>
    /// <returns>Up to <paramref name="limit"/> of them, and the position up to which the feed was read: <paramref name="after"/> if nothing follows it.</returns>
    public async Task<(IReadOnlyList<FeedEntry> Entries, long ReadTo)> ReadAsync(
        IChangeFeed feed, long after, int limit, CancellationToken cancellationToken)
    {
        var found = new List<FeedEntry>();
        var readTo = after;
        for (var pages = 0; pages < MaxPages && found.Count < limit; pages++)
        {
            var size = MatchesAll ? limit - found.Count : PageSize;
            var page = Customer is null
                ? await feed.ReadAsync(readTo, size, cancellationToken)
                : await feed.ReadOfCustomerAsync(Customer, readTo, size, cancellationToken);
            foreach (var entry in page)
            {
                if (found.Count == limit)
                    break;
                readTo = entry.Position;
                if ((Key is null || entry.Key == Key) && (Type is null || entry.Type == Type))
                    found.Add(entry);
            }

            if (page.Count < size)
                break;
        }

        return (found, readTo);
    }
}
