using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Pipeline.Specs.Streaming;

/// <summary>A feed that counts what is read of it.</summary>
internal sealed class CountedFeed(IChangeFeed feed) : IChangeFeed
{
    private long _entriesRead;

    public long EntriesRead => Volatile.Read(ref _entriesRead);

    public async Task<IReadOnlyList<FeedEntry>> ReadAsync(long after, int limit, CancellationToken cancellationToken) => Count(await feed.ReadAsync(after, limit, cancellationToken));

    public async Task<IReadOnlyList<FeedEntry>> ReadOfCustomerAsync(string customer, long after, int limit, CancellationToken cancellationToken) =>
        Count(await feed.ReadOfCustomerAsync(customer, after, limit, cancellationToken));

    public Task<long> NewestPositionAsync(CancellationToken cancellationToken) => feed.NewestPositionAsync(cancellationToken);

    private IReadOnlyList<FeedEntry> Count(IReadOnlyList<FeedEntry> read)
    {
        Interlocked.Add(ref _entriesRead, read.Count);
        return read;
    }
}
