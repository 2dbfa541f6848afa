using MongoDB.Bson;
using MongoDB.Driver;
using TaggingPipeline.Processing.Exchange;
using TaggingPipeline.Storage.MongoDb.Database;

namespace TaggingPipeline.Storage.MongoDb.Exchange;

/// <summary>One document for each queue.</summary>
internal sealed class MongoSubscriberQueues(MongoDatabase database) : ISubscriberQueues
{
    private const string Bindings = "bindings";

    private static FilterDefinitionBuilder<BsonDocument> Filter => Builders<BsonDocument>.Filter;

    public Task<IReadOnlyList<QueueDeclaration>> ListAsync(CancellationToken cancellationToken) => database.Sessions.RunAsync<IReadOnlyList<QueueDeclaration>>(
        async session =>
        {
            var found = await database.SubscriberQueues.Find(session, Filter.Empty).Sort(Builders<BsonDocument>.Sort.Ascending("_id")).ToListAsync(cancellationToken);
            return found.ConvertAll(queue => new QueueDeclaration(queue["_id"].AsString, [.. queue[Bindings].AsBsonArray.Select(binding => binding.AsString)]));
        },
        cancellationToken);

    public Task SaveAsync(QueueDeclaration queue, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        session => database.SubscriberQueues.ReplaceOneAsync(
            session,
            Filter.Eq("_id", queue.Name),
            new BsonDocument { ["_id"] = queue.Name, [Bindings] = new BsonArray(queue.Bindings) },
            new ReplaceOptions { IsUpsert = true },
            cancellationToken),
        cancellationToken);

    public Task<bool> RemoveAsync(string name, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        async session => (await database.SubscriberQueues.DeleteOneAsync(session, Filter.Eq("_id", name), null, cancellationToken)).DeletedCount > 0, cancellationToken);
}
