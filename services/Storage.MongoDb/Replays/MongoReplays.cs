using MongoDB.Bson;
using MongoDB.Driver;
using TaggingPipeline.Processing.Replays;
using TaggingPipeline.Storage.MongoDb.Database;

namespace TaggingPipeline.Storage.MongoDb.Replays;

/// <summary>One document for each replay; what is inside is JSON.</summary>
internal sealed class MongoReplays(MongoDatabase database) : IReplays
{
    private const string CreatedAt = "createdAt";
    private const string IsOver = "isOver";
    private const string Body = "body";

    private static FilterDefinitionBuilder<BsonDocument> Filter => Builders<BsonDocument>.Filter;

    private static SortDefinitionBuilder<BsonDocument> Sort => Builders<BsonDocument>.Sort;

    public Task<bool> SaveAsync(ReplayRun run, CancellationToken cancellationToken)
    {
        var fields = new BsonDocument { [CreatedAt] = ValueBson.Write(run.CreatedAt), [IsOver] = run.IsOver, [Body] = ReplayJson.Write(run) };
        var save = new VersionedSave(run.Id, run.Version - 1, fields);
        return database.Sessions.RunAsync(async session => (await database.Replays.SaveAsync(session, [save], cancellationToken))[0], cancellationToken);
    }

    public async Task<ReplayRun?> FindAsync(string id, CancellationToken cancellationToken) =>
        (await ReadAsync(find => find(Filter.Eq("_id", id)), cancellationToken)).SingleOrDefault();

    public Task<IReadOnlyList<ReplayRun>> ListAsync(int limit, CancellationToken cancellationToken) =>
        ReadAsync(find => find(Filter.Empty).Sort(Sort.Descending(CreatedAt).Descending("_id")).Limit(limit), cancellationToken);

    public Task<IReadOnlyList<ReplayRun>> ListOpenAsync(CancellationToken cancellationToken) =>
        ReadAsync(find => find(Filter.Eq(IsOver, false)).Sort(Sort.Ascending(CreatedAt).Ascending("_id")), cancellationToken);

    private Task<IReadOnlyList<ReplayRun>> ReadAsync(
        Func<Func<FilterDefinition<BsonDocument>, IFindFluent<BsonDocument, BsonDocument>>, IFindFluent<BsonDocument, BsonDocument>> query, CancellationToken cancellationToken) =>
        database.Sessions.RunAsync<IReadOnlyList<ReplayRun>>(
            async session =>
            {
                var found = await query(filter => database.Replays.Find(session, filter)).ToListAsync(cancellationToken);
                return found.ConvertAll(document => ReplayJson.Read(document[Body].AsByteArray));
            },
            cancellationToken);
}
