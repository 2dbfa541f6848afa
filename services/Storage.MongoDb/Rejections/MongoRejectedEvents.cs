using System.Text.Json;
using MongoDB.Bson;
using MongoDB.Driver;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Rejections;
using TaggingPipeline.Storage.MongoDb.Database;

namespace TaggingPipeline.Storage.MongoDb.Rejections;

/// <summary>One document for each rejected event, numbered in the order of arrival; the event is JSON, since what was sent may be anything, and beside it stands what is asked for.</summary>
/// <remarks>
/// A writer inserts after the last number that a majority has; of several that try the same one succeeds, so whoever has read a number has seen all before it
/// (docs/decisions/2026-11-22-feed-positions.md). No number is used twice, since the last document stays, emptied, when it is removed. The documents must lie on one shard.
/// </remarks>
internal sealed class MongoRejectedEvents(MongoDatabase database) : IRejectedEvents
{
    public const string Id = "id";
    public const string Code = "code";
    private const string Pattern = "pattern";
    private const string ReceivedAt = "receivedAt";
    private const string Body = "body";

    private const int MostAtOnce = 500;

    private static readonly InsertManyOptions InOrder = new() { IsOrdered = true };

    private static readonly SortDefinition<BsonDocument> ByNumber = Builders<BsonDocument>.Sort.Ascending("_id");

    private static FilterDefinitionBuilder<BsonDocument> Filter => Builders<BsonDocument>.Filter;

    private static FilterDefinition<BsonDocument> Kept => Filter.Exists(Id);

    public async Task AddAsync(IReadOnlyList<RejectedEvent> events, CancellationToken cancellationToken)
    {
        var open = events.DistinctBy(rejected => rejected.Id, StringComparer.Ordinal).ToList();
        while (open.Count > 0)
        {
            var next = await NewestPositionAsync(cancellationToken) + 1;
            var documents = open.Take(MostAtOnce).Select((rejected, i) => Write(next + i, rejected)).ToList();
            try
            {
                await database.Sessions.RunAsync(session => database.Rejections.InsertManyAsync(session, documents, InOrder, cancellationToken), cancellationToken);
                open.RemoveRange(0, documents.Count);
            }
            catch (MongoBulkWriteException<BsonDocument> failure)
            {
                // Those before it are in. Either its number was taken, or its id is there.
                open.RemoveRange(0, failure.Duplicates().Min());
                var known = await KnownAsync(open.Take(MostAtOnce).Select(rejected => rejected.Id), cancellationToken);
                open.RemoveAll(rejected => known.Contains(rejected.Id));
            }
        }
    }

    public Task<IReadOnlyList<(long Position, RejectedEvent Event)>> ListAsync(RejectionFilter filter, long after, int limit, CancellationToken cancellationToken) =>
        database.Sessions.RunAsync<IReadOnlyList<(long, RejectedEvent)>>(
            async session =>
            {
                var fits = Filter.Gt("_id", after) & Kept;
                if (filter.Code is not null)
                    fits &= Filter.Eq(Code, filter.Code);
                if (filter.Pattern is not null)
                    fits &= Filter.Eq(Pattern, filter.Pattern);
                var found = await database.Rejections.Find(session, fits).Sort(ByNumber).Limit(limit).ToListAsync(cancellationToken);
                return found.ConvertAll(document => (document["_id"].AsInt64, Read(document)));
            },
            cancellationToken);

    /// <remarks>Reads every rejection.</remarks>
    public Task<IReadOnlyList<RejectionGroup>> GroupAsync(CancellationToken cancellationToken) => database.Sessions.RunAsync<IReadOnlyList<RejectionGroup>>(
        async session =>
        {
            BsonDocument[] stages =
            [
                new("$match", new BsonDocument(Id, new BsonDocument("$exists", true))),
                new("$group", new BsonDocument
                {
                    ["_id"] = new BsonDocument { [Code] = $"${Code}", [Pattern] = $"${Pattern}" },
                    ["count"] = new BsonDocument("$sum", 1L),
                    ["first"] = new BsonDocument("$min", $"${ReceivedAt}"),
                    ["last"] = new BsonDocument("$max", $"${ReceivedAt}"),
                    ["oldest"] = new BsonDocument("$min", "$_id"),
                }),
            ];
            var groups = await (await database.Rejections.AggregateAsync<BsonDocument>(session, stages, null, cancellationToken)).ToListAsync(cancellationToken);
            var oldest = await database.Rejections.Find(session, Filter.In("_id", groups.Select(group => group["oldest"])) & Kept).ToListAsync(cancellationToken);
            var examples = oldest.ToDictionary(document => document["_id"].AsInt64, Read);
            return
            [
                // One whose example was removed just now has been counted too late to be told of.
                .. groups.Where(group => examples.ContainsKey(group["oldest"].AsInt64))
                    .Select(group => new RejectionGroup(
                        group["_id"][Code].AsString, group["_id"][Pattern].AsString, group["count"].ToInt64(),
                        InstantOf(group["first"]), InstantOf(group["last"]), examples[group["oldest"].AsInt64]))
                    .OrderBy(group => group.Code, Utf8Order.Instance).ThenBy(group => group.Pattern, Utf8Order.Instance),
            ];
        },
        cancellationToken);

    public Task<RejectedEvent?> FindAsync(string id, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        async session => await database.Rejections.Find(session, Filter.Eq(Id, id)).FirstOrDefaultAsync(cancellationToken) is { } found ? Read(found) : null,
        cancellationToken);

    public Task<long> NewestPositionAsync(CancellationToken cancellationToken) => database.Sessions.RunAsync(
        async session =>
        {
            var last = await database.Rejections.Find(session, Filter.Empty).Sort(Builders<BsonDocument>.Sort.Descending("_id")).Limit(1)
                .Project(new BsonDocument("_id", 1)).FirstOrDefaultAsync(cancellationToken);
            return last is null ? 0 : last["_id"].AsInt64;
        },
        cancellationToken);

    public Task ReplaceReasonAsync(string id, Rejection rejection, string? steps, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        async session =>
        {
            if (await database.Rejections.Find(session, Filter.Eq(Id, id)).FirstOrDefaultAsync(cancellationToken) is not { } found)
                return;
            var told = Read(found) with { Code = rejection.Code, Reason = rejection.Reason, Steps = steps };
            await database.Rejections.UpdateOneAsync(
                session, Filter.Eq("_id", found["_id"]) & Filter.Eq(Id, id), new BsonDocument("$set", Fields(told)), cancellationToken: cancellationToken);
        },
        cancellationToken);

    public async Task<int> RemoveAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var last = await NewestPositionAsync(cancellationToken);
        return await database.Sessions.RunAsync(
            async session =>
            {
                var named = Filter.In(Id, ids);
                var deleted = await database.Rejections.DeleteManyAsync(session, named & Filter.Lt("_id", last), null, cancellationToken);
                var fields = new BsonDocument(new[] { Id, Code, Pattern, ReceivedAt, Body }.Select(field => new BsonElement(field, 1)));
                var emptied = await database.Rejections.UpdateManyAsync(session, named, new BsonDocument("$unset", fields), cancellationToken: cancellationToken);
                return (int)(deleted.DeletedCount + emptied.ModifiedCount);
            },
            cancellationToken);
    }

    public Task<long> CountAsync(CancellationToken cancellationToken) =>
        database.Sessions.RunAsync(session => database.Rejections.CountDocumentsAsync(session, Kept, null, cancellationToken), cancellationToken);

    /// <summary>Brings over what older versions have kept, each at the position that it had. Any number of processes may do it at once, and be interrupted.</summary>
    public async Task TakeOverAsync(CancellationToken cancellationToken)
    {
        var before = new NumberedLog(database.RejectedBefore, database.Sessions);
        var last = 0L;
        await foreach (var (position, entry) in before.ReadAsync(0, int.MaxValue, Filter.Empty, cancellationToken))
        {
            var rejected = Read(entry);
            last = position;
            try
            {
                await database.Sessions.RunAsync(
                    session => database.Rejections.InsertOneAsync(session, Write(position, rejected), null, cancellationToken), cancellationToken);
            }
            catch (MongoWriteException taken) when (taken.WriteError is { Category: ServerErrorCategory.DuplicateKey })
            {
                await AddAsync([rejected], cancellationToken);
            }
        }

        // An older process may still be adding to them: what came since is taken over at another start.
        if (last > 0)
            await database.Sessions.RunAsync(session => database.RejectedBefore.DeleteManyAsync(session, Filter.Lte("_id", NumberedLog.DocumentOf(last)), null, cancellationToken), cancellationToken);
    }

    private Task<HashSet<string>> KnownAsync(IEnumerable<string> ids, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        async session =>
        {
            var found = await database.Rejections.Find(session, Filter.In(Id, ids)).Project(new BsonDocument(Id, 1)).ToListAsync(cancellationToken);
            return found.Select(document => document[Id].AsString).ToHashSet(StringComparer.Ordinal);
        },
        cancellationToken);

    private static BsonDocument Write(long number, RejectedEvent rejected) => Fields(rejected).Add("_id", number);

    private static BsonDocument Fields(RejectedEvent rejected) => new()
    {
        [Id] = rejected.Id,
        [Code] = rejected.Code,
        [Pattern] = ReasonPattern.Of(rejected.Reason),
        [ReceivedAt] = rejected.ReceivedAt.ToUnixTimeMilliseconds(),
        [Body] = JsonSerializer.SerializeToUtf8Bytes(rejected, ContractsJson.Options),
    };

    private static RejectedEvent Read(BsonDocument document) => JsonSerializer.Deserialize<RejectedEvent>(document[Body].AsByteArray, ContractsJson.Options)!;

    private static DateTimeOffset InstantOf(BsonValue milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds.AsInt64);
}
