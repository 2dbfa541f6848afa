#if WITH_MONGODB
using MongoDB.Bson;
using MongoDB.Driver;
using TaggingPipeline.Processing.Customers;

namespace TaggingPipeline.Benchmarks.Storage;

/// <summary>The raw limit of a MongoDB server: the same bytes inserted by the bare driver, two bulk inserts that a majority confirms, into collections without an index, reading nothing.</summary>
internal sealed class BareCollections : IBareStore
{
    private readonly MongoClient _client;
    private readonly IMongoDatabase _database;

    /// <param name="address">A connection string that names the database.</param>
    public BareCollections(string address)
    {
        var url = new MongoUrl(address);
        _client = new MongoClient(url);
        _database = _client.GetDatabase(url.DatabaseName).WithWriteConcern(WriteConcern.WMajority);
    }

    public async Task InsertAsync(IReadOnlyList<CustomerCommit> commits)
    {
        var documents = commits.Where(commit => commit.Document is not null).Select(_ => new BsonDocument("body", new byte[IBareStore.DocumentBytes])).ToList();
        if (documents.Count > 0)
            await _database.GetCollection<BsonDocument>("bare_documents").InsertManyAsync(documents);
        await _database.GetCollection<BsonDocument>("bare_events").InsertManyAsync(commits.SelectMany(commit => commit.Events).Select(journaled => new BsonDocument
        {
            ["customer"] = journaled.Customer,
            ["event"] = journaled.EventId,
            ["at"] = journaled.OccurredAt.ToUnixTimeMilliseconds(),
            ["body"] = journaled.Body.ToArray(),
        }));
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DropDatabaseAsync(_database.DatabaseNamespace.DatabaseName);
        _client.Dispose();
    }
}
#endif
