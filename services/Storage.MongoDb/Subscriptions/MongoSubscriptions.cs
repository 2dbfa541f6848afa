using MongoDB.Bson;
using MongoDB.Driver;
using TaggingPipeline.Processing.Subscriptions;
using TaggingPipeline.Storage.MongoDb.Database;

namespace TaggingPipeline.Storage.MongoDb.Subscriptions;

/// <summary>One document for each subscription; their logs as documents of several attempts each, numbered in the order of the subscription.</summary>
internal sealed class MongoSubscriptions(MongoDatabase database) : ISubscriptions
{
    public const string Subscription = "subscription";
    public const string Number = "number";

    private const string Body = "body";
    private const string Incarnation = "incarnation";
    private const string Attempts = "attempts";

    private static FilterDefinitionBuilder<BsonDocument> Filter => Builders<BsonDocument>.Filter;

    private static SortDefinitionBuilder<BsonDocument> Sort => Builders<BsonDocument>.Sort;

    public Task<IReadOnlyList<Subscription>> ListAsync(CancellationToken cancellationToken) => database.Sessions.RunAsync<IReadOnlyList<Subscription>>(
        async session =>
        {
            var found = await database.Subscriptions.Find(session, Filter.Empty).Sort(Sort.Ascending("_id")).ToListAsync(cancellationToken);
            return found.ConvertAll(Read);
        },
        cancellationToken);

    public Task<Subscription?> FindAsync(string id, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        async session => await database.Subscriptions.Find(session, Filter.Eq("_id", id)).FirstOrDefaultAsync(cancellationToken) is { } found ? Read(found) : null,
        cancellationToken);

    public Task<bool> SaveAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        var fields = new BsonDocument { [Incarnation] = subscription.Incarnation, [Body] = SubscriptionJson.Write(subscription) };
        var save = new VersionedSave(subscription.Id, subscription.Version - 1, fields) { Condition = new(Incarnation, subscription.Incarnation) };
        return database.Sessions.RunAsync(async session => (await database.Subscriptions.SaveAsync(session, [save], cancellationToken))[0], cancellationToken);
    }

    public Task<bool> RemoveAsync(string id, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        async session =>
        {
            var removed = await database.Subscriptions.DeleteOneAsync(session, Filter.Eq("_id", id), null, cancellationToken);
            await database.Attempts.DeleteManyAsync(session, Filter.Eq(Subscription, id), null, cancellationToken);
            return removed.DeletedCount > 0;
        },
        cancellationToken);

    /// <remarks>Two who append at once may number alike, and then stand in any order. A subscription removed at that moment leaves a document behind.</remarks>
    public Task AppendAttemptsAsync(string id, IReadOnlyList<DeliveryAttempt> attempts, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        async session =>
        {
            if (attempts.Count == 0 || !await database.Subscriptions.Find(session, Filter.Eq("_id", id)).AnyAsync(cancellationToken))
                return;
            var kept = await KeptAsync(session, id, cancellationToken);
            await database.Attempts.InsertOneAsync(
                session,
                new BsonDocument
                {
                    ["_id"] = ObjectId.GenerateNewId(),
                    [Subscription] = id,
                    [Number] = kept.Count == 0 ? 1L : kept[0][Number].AsInt64 + 1,
                    [Attempts] = attempts.Count,
                    [Body] = SubscriptionJson.Write(attempts),
                },
                null,
                cancellationToken);

            // Documents go when those after them hold enough.
            var after = attempts.Count;
            foreach (var document in kept)
            {
                if (after >= ISubscriptions.AttemptsKept)
                {
                    await database.Attempts.DeleteManyAsync(session, Filter.Eq(Subscription, id) & Filter.Lte(Number, document[Number].AsInt64), null, cancellationToken);
                    return;
                }

                after += document[Attempts].AsInt32;
            }
        },
        cancellationToken);

    public Task<IReadOnlyList<DeliveryAttempt>> ReadAttemptsAsync(string id, CancellationToken cancellationToken) =>
        database.Sessions.RunAsync<IReadOnlyList<DeliveryAttempt>>(
            async session =>
            {
                var found = await database.Attempts.Find(session, Filter.Eq(Subscription, id)).Sort(Sort.Descending(Number)).ToListAsync(cancellationToken);
                return [.. found.SelectMany(document => SubscriptionJson.ReadAttempts(document[Body].AsByteArray).Reverse()).Take(ISubscriptions.AttemptsKept)];
            },
            cancellationToken);

    /// <summary>Numbers and sizes of what the log holds, the newest first.</summary>
    private Task<List<BsonDocument>> KeptAsync(IClientSessionHandle session, string id, CancellationToken cancellationToken) =>
        database.Attempts.Find(session, Filter.Eq(Subscription, id)).Sort(Sort.Descending(Number))
            .Project(new BsonDocument { [Number] = 1, [Attempts] = 1 }).ToListAsync(cancellationToken);

    private static Subscription Read(BsonDocument document) => SubscriptionJson.Read(document[Body].AsByteArray);
}
