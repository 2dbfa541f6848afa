using MongoDB.Bson;
using MongoDB.Driver;
using TaggingPipeline.Processing.Leases;
using TaggingPipeline.Storage.MongoDb.Database;

namespace TaggingPipeline.Storage.MongoDb.Leases;

/// <summary>One document for each lease, with the server's time at which it was last taken; and one by which the server is asked for the time.</summary>
/// <remarks>A lease that has run out is taken by compare-and-set on how often it was taken, so of several who try at once one succeeds.</remarks>
internal sealed class MongoLeases(MongoDatabase database) : ILeases
{
    private const string Holder = "holder";
    private const string TakenAt = "takenAt";
    private const string Stay = "stay";

    /// <summary>One more whenever it is taken or kept.</summary>
    private const string Times = "times";

    private const string LeasePrefix = "lease:";
    private const string Clock = "clock";

    private static readonly BulkWriteOptions InAnyOrder = new() { IsOrdered = false };

    private static FilterDefinitionBuilder<BsonDocument> Filter => Builders<BsonDocument>.Filter;

    public Task<IReadOnlySet<string>> TakeAsync(IReadOnlyCollection<string> names, string holder, TimeSpan stay, CancellationToken cancellationToken) =>
        database.Sessions.RunAsync<IReadOnlySet<string>>(
            async session =>
            {
                if (names.Count == 0)
                    return new HashSet<string>();
                var take = Builders<BsonDocument>.Update.Set(Holder, holder).Set(Stay, (long)stay.TotalMilliseconds).CurrentDate(TakenAt).Inc(Times, 1L);
                var ids = names.Select(name => LeasePrefix + name).ToHashSet(StringComparer.Ordinal);
                await database.Leases.UpdateManyAsync(session, Filter.In("_id", ids) & Filter.Eq(Holder, holder), take, null, cancellationToken);

                var now = await NowAsync(session, cancellationToken);
                var known = await database.Leases.Find(session, Filter.In("_id", ids)).ToListAsync(cancellationToken);
                var free = known.Where(lease => lease[Holder].AsString != holder && TimeOf(lease) + lease[Stay].AsInt64 <= now)
                    .Select(lease => Filter.Eq("_id", lease["_id"]) & Filter.Eq(Times, lease[Times]))
                    .Concat(ids.Except(known.Select(lease => lease["_id"].AsString)).Select(id => Filter.Eq("_id", id) & Filter.Exists(Holder, exists: false)))
                    .Select(filter => new UpdateOneModel<BsonDocument>(filter, take) { IsUpsert = true })
                    .ToList();
                if (free.Count > 0)
                    await TryAsync(session, free, cancellationToken);

                var mine = await database.Leases.Find(session, Filter.In("_id", ids) & Filter.Eq(Holder, holder)).Project(new BsonDocument("_id", 1)).ToListAsync(cancellationToken);
                return mine.Select(lease => lease["_id"].AsString[LeasePrefix.Length..]).ToHashSet(StringComparer.Ordinal);
            },
            cancellationToken);

    public Task ReleaseAsync(IReadOnlyCollection<string> names, string holder, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        session => database.Leases.DeleteManyAsync(session, Filter.In("_id", names.Select(name => LeasePrefix + name)) & Filter.Eq(Holder, holder), null, cancellationToken),
        cancellationToken);

    /// <summary>Whoever was faster has the lease: the document that the filter asks for is not there any more, and the one to insert is.</summary>
    private async Task TryAsync(IClientSessionHandle session, List<UpdateOneModel<BsonDocument>> takes, CancellationToken cancellationToken)
    {
        try
        {
            await database.Leases.BulkWriteAsync(session, takes, InAnyOrder, cancellationToken);
        }
        catch (MongoBulkWriteException<BsonDocument> failure)
        {
            _ = failure.Duplicates().Count();
        }
    }

    private async Task<long> NowAsync(IClientSessionHandle session, CancellationToken cancellationToken)
    {
        var clock = await database.Leases.FindOneAndUpdateAsync<BsonDocument>(
            session,
            Filter.Eq("_id", Clock),
            Builders<BsonDocument>.Update.CurrentDate(TakenAt),
            new() { IsUpsert = true, ReturnDocument = ReturnDocument.After },
            cancellationToken);
        return TimeOf(clock);
    }

    private static long TimeOf(BsonDocument document) => document[TakenAt].AsBsonDateTime.MillisecondsSinceEpoch;
}
