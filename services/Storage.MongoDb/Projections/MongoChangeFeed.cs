using MongoDB.Bson;
using MongoDB.Driver;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Storage.MongoDb.Database;

namespace TaggingPipeline.Storage.MongoDb.Projections;

/// <summary>The feed as a <see cref="NumberedLog"/>.</summary>
internal sealed class MongoChangeFeed(MongoDatabase database) : IChangeFeed
{
    public const string Customer = "customer";

    private const string CustomerPath = $"{NumberedLog.Entries}.{Customer}";

    private readonly NumberedLog _log = new(database.Feed, database.Sessions);

    public static BsonDocument Write(NewFeedEntry entry) => new()
    {
        [NumberedLog.EntryId] = entry.Id,
        [Customer] = entry.Customer,
        ["type"] = entry.Type,
        ["key"] = entry.Key,
        ["body"] = ValueBson.Write(entry.Body),
    };

    /// <summary>Appends entries as <see cref="Write"/> made them; those whose id is there already are left as they are.</summary>
    public Task AppendAsync(IEnumerable<BsonDocument> entries, CancellationToken cancellationToken) => _log.AppendAsync(entries, cancellationToken);

    public async Task<IReadOnlyList<FeedEntry>> ReadAsync(long after, int limit, CancellationToken cancellationToken) =>
        await _log.ReadAsync(after, limit, Builders<BsonDocument>.Filter.Empty, cancellationToken).Take(limit).Select(Read).ToListAsync(cancellationToken);

    /// <remarks>Reads whole documents of the log, with what they hold of other customers.</remarks>
    public async Task<IReadOnlyList<FeedEntry>> ReadOfCustomerAsync(string customer, long after, int limit, CancellationToken cancellationToken) =>
        await _log.ReadAsync(after, limit, Builders<BsonDocument>.Filter.Eq(CustomerPath, customer), cancellationToken)
            .Where(found => found.Entry[Customer].AsString == customer)
            .Take(limit)
            .Select(Read)
            .ToListAsync(cancellationToken);

    public Task<long> NewestPositionAsync(CancellationToken cancellationToken) => _log.NewestPositionAsync(cancellationToken);

    private static FeedEntry Read((long Position, BsonDocument Entry) found) => new(
        found.Position,
        found.Entry[NumberedLog.EntryId].AsString,
        found.Entry[Customer].AsString,
        found.Entry["type"].AsString,
        found.Entry["key"].AsString,
        found.Entry["body"].AsByteArray);
}
