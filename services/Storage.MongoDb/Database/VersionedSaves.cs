using MongoDB.Bson;
using MongoDB.Driver;
using TaggingPipeline.Processing;

namespace TaggingPipeline.Storage.MongoDb.Database;

/// <summary>A document to save if the stored one still has the expected version.</summary>
/// <param name="Fields">All but id and version; a name with null as its value is removed from what is stored.</param>
/// <param name="ExpectedVersion">0 for none stored.</param>
internal sealed record VersionedSave(string Id, long ExpectedVersion, BsonDocument Fields)
{
    /// <summary>What the stored document must have besides its version; nothing for none.</summary>
    public BsonDocument Condition { get; init; } = [];
}

/// <summary>Compare-and-set of many documents in one bulk write.</summary>
/// <remarks>
/// A bulk write reports how many updates found their document, not which. Where some did not, the documents are read again: each remembers the numbers of its last
/// saves, and every call has a number of its own.
/// </remarks>
internal static class VersionedSaves
{
    public const string Version = "version";

    /// <summary>How many saves a document remembers: so many others would have to come between a save and the look at what became of it.</summary>
    private const int Remembered = 16;

    private const string Saves = "saves";

    private static readonly BulkWriteOptions InAnyOrder = new() { IsOrdered = false };

    private static readonly ProjectionDefinition<BsonDocument, BsonDocument> VersionAndSaves = new BsonDocument { [Version] = 1, [Saves] = 1 };

    /// <summary>Saves those that nobody was faster with. No id may come twice.</summary>
    /// <returns>For each, in order, whether it was saved.</returns>
    /// <exception cref="StorageException">What became of some is not known: too many others came after them.</exception>
    public static async Task<bool[]> SaveAsync(
        this IMongoCollection<BsonDocument> collection, IClientSessionHandle session, IReadOnlyList<VersionedSave> saves, CancellationToken cancellationToken)
    {
        var saved = new bool[saves.Count];
        if (saves.Count == 0)
            return saved;

        Array.Fill(saved, true);
        var number = Random.Shared.NextInt64();
        BulkWriteResult<BsonDocument> result;
        try
        {
            result = await collection.BulkWriteAsync(session, saves.Select(save => ModelOf(save, number)), InAnyOrder, cancellationToken);
        }
        catch (MongoBulkWriteException<BsonDocument> failure)
        {
            foreach (var inserted in failure.Duplicates())
                saved[inserted] = false;
            result = failure.Result;
        }

        var updates = Enumerable.Range(0, saves.Count).Where(i => saves[i].ExpectedVersion > 0).ToList();
        if (result.MatchedCount == updates.Count)
            return saved;
        var found = result.MatchedCount == 0 ? [] : await FindAsync(collection, session, updates.Select(i => saves[i].Id), cancellationToken);
        var fates = updates.ConvertAll(i => FateOf(saves[i], number, found));
        var unknown = fates.Count(fate => fate is null);
        var missing = result.MatchedCount - fates.Count(fate => fate is true);
        if (missing != 0 && missing != unknown)
            throw new StorageException($"Which of {unknown} documents were saved is not known: too many other saves followed at once.");
        foreach (var (i, fate) in updates.Zip(fates))
            saved[i] = fate ?? missing > 0;
        return saved;
    }

    private static async Task<Dictionary<string, BsonDocument>> FindAsync(
        IMongoCollection<BsonDocument> collection, IClientSessionHandle session, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        var found = await collection.Find(session, Builders<BsonDocument>.Filter.In("_id", ids)).Project(VersionAndSaves).ToListAsync(cancellationToken);
        return found.ToDictionary(document => document["_id"].AsString, StringComparer.Ordinal);
    }

    /// <summary>Whether the save with that number is among those that the document remembers; null if it may have been forgotten.</summary>
    private static bool? FateOf(VersionedSave save, long number, Dictionary<string, BsonDocument> found)
    {
        if (!found.TryGetValue(save.Id, out var document))
            return false;
        if (document[Saves].AsBsonArray.Any(remembered => remembered.AsInt64 == number))
            return true;
        var followed = document[Version].AsInt64 - (save.ExpectedVersion + 1);
        return followed < Remembered ? false : null;
    }

    private static WriteModel<BsonDocument> ModelOf(VersionedSave save, long number)
    {
        var version = save.ExpectedVersion + 1;
        var present = new BsonDocument(save.Fields.Where(field => !field.Value.IsBsonNull)) { [Version] = version };
        if (save.ExpectedVersion == 0)
            return new InsertOneModel<BsonDocument>(new BsonDocument("_id", save.Id).AddRange(present).Add(Saves, new BsonArray { number }));

        var update = new BsonDocument
        {
            ["$set"] = present,
            ["$push"] = new BsonDocument(Saves, new BsonDocument { ["$each"] = new BsonArray { number }, ["$slice"] = -Remembered }),
        };
        var absent = new BsonDocument(save.Fields.Where(field => field.Value.IsBsonNull).Select(field => new BsonElement(field.Name, "")));
        if (absent.ElementCount > 0)
            update["$unset"] = absent;
        return new UpdateOneModel<BsonDocument>(new BsonDocument { ["_id"] = save.Id, [Version] = save.ExpectedVersion }.AddRange(save.Condition), update);
    }
}
