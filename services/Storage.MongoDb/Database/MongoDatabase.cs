using MongoDB.Bson;
using MongoDB.Driver;

namespace TaggingPipeline.Storage.MongoDb.Database;

/// <summary>The collections of one database, and the sessions in which they are used.</summary>
/// <remarks>
/// Writes are confirmed by a majority, and reads, from the primary, see only what a majority has: what was acknowledged survives the loss of a server, and what was
/// read cannot be undone.
/// </remarks>
internal sealed class MongoDatabase : IDisposable
{
    private const string DefaultName = "tagging";

    /// <summary>How long a majority may take to confirm before the write counts as failed, to be tried again.</summary>
    private static readonly TimeSpan ConfirmedWithin = TimeSpan.FromSeconds(10);

    private readonly MongoClient _client;

    /// <summary>Does not connect yet.</summary>
    /// <param name="address">A connection string. The database that it names is used, or else <see cref="DefaultName"/>.</param>
    public MongoDatabase(string address)
    {
        var url = new MongoUrl(address);
        var settings = MongoClientSettings.FromUrl(url);
        settings.WriteConcern = WriteConcern.WMajority.With(wTimeout: ConfirmedWithin);
        settings.ReadConcern = ReadConcern.Majority;
        settings.ReadPreference = ReadPreference.Primary;
        settings.RetryWrites = true;
        settings.ApplicationName ??= DefaultName;
        _client = new MongoClient(settings);
        Database = _client.GetDatabase(url.DatabaseName ?? DefaultName);
        Sessions = new Sessions(_client);
    }

    public IMongoDatabase Database { get; }

    public Sessions Sessions { get; }

    public IMongoCollection<BsonDocument> Customers => Database.GetCollection<BsonDocument>("customers");

    public IMongoCollection<BsonDocument> Journal => Database.GetCollection<BsonDocument>("journal");

    public IMongoCollection<BsonDocument> Views => Database.GetCollection<BsonDocument>("views");

    public IMongoCollection<BsonDocument> Intervals => Database.GetCollection<BsonDocument>("intervals");

    public IMongoCollection<BsonDocument> Feed => Database.GetCollection<BsonDocument>("feed");

    /// <summary>Where older versions kept rejected events.</summary>
    public IMongoCollection<BsonDocument> RejectedBefore => Database.GetCollection<BsonDocument>("rejected");

    public IMongoCollection<BsonDocument> Rejections => Database.GetCollection<BsonDocument>("rejections");

    public IMongoCollection<BsonDocument> Evaluators => Database.GetCollection<BsonDocument>("evaluators");

    public IMongoCollection<BsonDocument> Populations => Database.GetCollection<BsonDocument>("populations");

    public IMongoCollection<BsonDocument> Rulebooks => Database.GetCollection<BsonDocument>("rulebooks");

    public IMongoCollection<BsonDocument> RolloverPause => Database.GetCollection<BsonDocument>("rolloverPause");

    public IMongoCollection<BsonDocument> Subscriptions => Database.GetCollection<BsonDocument>("subscriptions");

    public IMongoCollection<BsonDocument> Attempts => Database.GetCollection<BsonDocument>("attempts");

    public IMongoCollection<BsonDocument> Leases => Database.GetCollection<BsonDocument>("leases");

    public IMongoCollection<BsonDocument> FeedPositions => Database.GetCollection<BsonDocument>("feedPositions");

    public IMongoCollection<BsonDocument> SubscriberQueues => Database.GetCollection<BsonDocument>("subscriberQueues");

    public IMongoCollection<BsonDocument> DeadLetters => Database.GetCollection<BsonDocument>("deadLetters");

    public IMongoCollection<BsonDocument> Replays => Database.GetCollection<BsonDocument>("replays");

    public IMongoCollection<BsonDocument> Format => Database.GetCollection<BsonDocument>("format");

    public void Dispose() => _client.Dispose();
}
