using MongoDB.Bson;
using MongoDB.Driver;
using TaggingPipeline.Processing.Exchange;
using TaggingPipeline.Storage.MongoDb.Database;

namespace TaggingPipeline.Storage.MongoDb.Exchange;

/// <summary>One document for each reader.</summary>
internal sealed class MongoFeedPositions(MongoDatabase database) : IFeedPositions
{
    private const string Position = "position";

    private static FilterDefinitionBuilder<BsonDocument> Filter => Builders<BsonDocument>.Filter;

    public Task<long> ReadAsync(string reader, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        async session => await database.FeedPositions.Find(session, Filter.Eq("_id", reader)).FirstOrDefaultAsync(cancellationToken) is { } found ? found[Position].AsInt64 : 0,
        cancellationToken);

    public Task AdvanceAsync(string reader, long position, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        session => database.FeedPositions.UpdateOneAsync(
            session, Filter.Eq("_id", reader), Builders<BsonDocument>.Update.Max(Position, position), new UpdateOptions { IsUpsert = true }, cancellationToken),
        cancellationToken);
}
