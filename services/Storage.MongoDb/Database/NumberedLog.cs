using System.Runtime.CompilerServices;
using MongoDB.Bson;
using MongoDB.Driver;

namespace TaggingPipeline.Storage.MongoDb.Database;

/// <summary>Entries in one order, in documents that are numbered without gaps.</summary>
/// <remarks>
/// A writer inserts the document after the last one that a majority has; of several that try the same number one succeeds, and the others take the next. So a number always
/// comes later in the log of operations than all below it, and a reader that has seen one has seen all before it, whoever writes. Each entry has an id, which the
/// log takes once. The documents must lie on one shard: docs/decisions/2026-11-22-feed-positions.md. Safe for concurrent use.
/// </remarks>
internal sealed class NumberedLog(IMongoCollection<BsonDocument> documents, Sessions sessions)
{
    public const string Entries = "entries";
    public const string EntryId = "id";

    /// <summary>A document is some tens of kilobytes, and at most a few megabytes.</summary>
    private const int MaxEntries = 100;

    /// <summary>An entry's position is its document's number times this, plus its place in it.</summary>
    private const int Places = 1_000;

    private static readonly InsertManyOptions InOrder = new() { IsOrdered = true };

    private static readonly SortDefinition<BsonDocument> ByNumber = Builders<BsonDocument>.Sort.Ascending("_id");

    private static readonly SortDefinition<BsonDocument> LastFirst = Builders<BsonDocument>.Sort.Descending("_id");

    private static FilterDefinitionBuilder<BsonDocument> Filter => Builders<BsonDocument>.Filter;

    /// <summary>The number of the document in which the entry at a position is.</summary>
    public static long DocumentOf(long position) => position / Places;

    /// <summary>Appends entries in their order, those left out whose id is there already or comes twice.</summary>
    public async Task AppendAsync(IEnumerable<BsonDocument> entries, CancellationToken cancellationToken)
    {
        var open = entries.DistinctBy(entry => entry[EntryId].AsString, StringComparer.Ordinal).ToList();
        while (open.Count > 0)
        {
            var next = await LastAsync(cancellationToken) + 1;
            var chunks = open.Chunk(MaxEntries).Select((chunk, i) => new BsonDocument { ["_id"] = next + i, [Entries] = new BsonArray(chunk) }).ToList();
            try
            {
                await sessions.RunAsync(session => documents.InsertManyAsync(session, chunks, InOrder, cancellationToken), cancellationToken);
                return;
            }
            catch (MongoBulkWriteException<BsonDocument> failure)
            {
                // Those before it are in. Either its number was taken, or an id of it is there.
                var first = failure.Duplicates().Min();
                open.RemoveRange(0, first * MaxEntries);
                await RemoveKnownAsync(open, cancellationToken);
            }
        }
    }

    /// <summary>Entries after a position, ascending.</summary>
    /// <param name="filter">Which documents to look at; entries of others are not given.</param>
    public async IAsyncEnumerable<(long Position, BsonDocument Entry)> ReadAsync(
        long after, int limit, FilterDefinition<BsonDocument> filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var session = await sessions.StartAsync(cancellationToken);
        using var cursor = await documents.Find(session, Filter.Gte("_id", after / Places) & filter, new FindOptions { BatchSize = Math.Clamp(limit / MaxEntries * 2, 2, 100) })
            .Sort(ByNumber)
            .ToCursorAsync(cancellationToken);
        while (await cursor.MoveNextAsync(cancellationToken))
        {
            foreach (var document in cursor.Current)
            {
                var position = document["_id"].AsInt64 * Places;
                foreach (var entry in document[Entries].AsBsonArray)
                {
                    if (position > after)
                        yield return (position, entry.AsBsonDocument);
                    position++;
                }
            }
        }
    }

    /// <summary>The position of the last entry that a majority has; 0 for none.</summary>
    public Task<long> NewestPositionAsync(CancellationToken cancellationToken) => sessions.RunAsync(
        async session =>
        {
            var last = await documents.Find(session, Filter.Empty).Sort(LastFirst).Limit(1).FirstOrDefaultAsync(cancellationToken);
            return last is null ? 0 : (last["_id"].AsInt64 * Places) + last[Entries].AsBsonArray.Count - 1;
        },
        cancellationToken);

    private async Task RemoveKnownAsync(List<BsonDocument> open, CancellationToken cancellationToken)
    {
        var path = $"{Entries}.{EntryId}";
        var ids = open.Select(entry => entry[EntryId].AsString).ToHashSet(StringComparer.Ordinal);
        var holding = await sessions.RunAsync(
            session => documents.Find(session, Filter.In(path, ids)).Project(new BsonDocument(path, 1)).ToListAsync(cancellationToken), cancellationToken);
        var known = holding.SelectMany(document => document[Entries].AsBsonArray).Select(entry => entry[EntryId].AsString).ToHashSet(StringComparer.Ordinal);
        open.RemoveAll(entry => known.Contains(entry[EntryId].AsString));
    }

    /// <summary>The last number that a majority has; 0 for none.</summary>
    private Task<long> LastAsync(CancellationToken cancellationToken) => sessions.RunAsync(
        async session =>
        {
            var last = await documents.Find(session, Filter.Empty).Sort(LastFirst).Limit(1).Project(new BsonDocument("_id", 1)).FirstOrDefaultAsync(cancellationToken);
            return last is null ? 0 : last["_id"].AsInt64;
        },
        cancellationToken);
}
