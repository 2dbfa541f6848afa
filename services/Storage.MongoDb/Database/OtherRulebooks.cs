using MongoDB.Bson;
using MongoDB.Driver;

namespace TaggingPipeline.Storage.MongoDb.Database;

/// <summary>Finds documents of rulebook versions other than one, by the index on version and id.</summary>
/// <remarks>
/// Asked again and again until nothing is left, and then mostly finds nothing: reading every document to see that would be slow. There are few versions at a time,
/// so each is asked for its own first documents, and the first of those are taken.
/// </remarks>
internal static class OtherRulebooks
{
    public const string Rulebook = "rulebook";

    /// <summary>Left out in what was stored before there were versions.</summary>
    public const string Number = "rulebookNumber";

    public static async Task<long> CountOfOtherRulebooksAsync(
        this IMongoCollection<BsonDocument> collection, IClientSessionHandle session, string version, CancellationToken cancellationToken)
    {
        var count = 0L;
        foreach (var other in await OthersAsync(collection, session, version, cancellationToken))
            count += await collection.CountDocumentsAsync(session, Builders<BsonDocument>.Filter.Eq(Rulebook, other), null, cancellationToken);
        return count;
    }

    public static async Task<IReadOnlyList<string>> OfOtherRulebooksAsync(
        this IMongoCollection<BsonDocument> collection, IClientSessionHandle session, string version, string? after, int limit, CancellationToken cancellationToken)
    {
        var filter = Builders<BsonDocument>.Filter;
        var found = new List<string>();
        foreach (var other in await OthersAsync(collection, session, version, cancellationToken))
        {
            var page = await collection.Find(session, filter.Eq(Rulebook, other) & filter.Gt("_id", after ?? ""))
                .Sort(Builders<BsonDocument>.Sort.Ascending("_id"))
                .Limit(limit)
                .Project(new BsonDocument("_id", 1))
                .ToListAsync(cancellationToken);
            found.AddRange(page.Select(document => document["_id"].AsString));
        }

        found.Sort(Utf8Order.Instance);
        return [.. found.Take(limit)];
    }

    private static async Task<List<string>> OthersAsync(
        IMongoCollection<BsonDocument> collection, IClientSessionHandle session, string version, CancellationToken cancellationToken)
    {
        var versions = await (await collection.DistinctAsync<string>(session, Rulebook, Builders<BsonDocument>.Filter.Empty, null, cancellationToken)).ToListAsync(cancellationToken);
        return versions.FindAll(known => known != version);
    }
}
