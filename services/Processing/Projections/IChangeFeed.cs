namespace TaggingPipeline.Processing.Projections;

/// <summary>A change on its way into the feed.</summary>
/// <param name="Id">Stays the same when the change comes again.</param>
/// <param name="Type"><c>tag.added</c> and the like.</param>
/// <param name="Key">The tag's or segment's key.</param>
/// <param name="Body">The envelope as UTF-8 JSON: a <c>ChangeEnvelope</c> of the contracts.</param>
public sealed record NewFeedEntry(string Id, string Customer, string Type, string Key, ReadOnlyMemory<byte> Body);

/// <summary>A change in the feed.</summary>
/// <param name="Position">Grows along the feed; positions may be skipped, but no entry ever appears below one that was read.</param>
public sealed record FeedEntry(long Position, string Id, string Customer, string Type, string Key, ReadOnlyMemory<byte> Body);

/// <summary>Every change of every customer, in one order. Entries are appended by <see cref="ICustomerViews.CommitAsync"/>.</summary>
public interface IChangeFeed
{
    /// <summary>Entries after a position (0: from the first), ascending. No reader misses an entry that was committed late.</summary>
    Task<IReadOnlyList<FeedEntry>> ReadAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>Entries of one customer after a position (0: from the first), ascending.</summary>
    Task<IReadOnlyList<FeedEntry>> ReadOfCustomerAsync(string customer, long after, int limit, CancellationToken cancellationToken);

    /// <summary>The position of the newest entry that can be read; 0 for none.</summary>
    /// <remarks>Views that are read afterwards hold at least what the entries up to it tell; what they do not hold, entries after it tell.</remarks>
    Task<long> NewestPositionAsync(CancellationToken cancellationToken);
}
