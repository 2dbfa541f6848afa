using MongoDB.Bson;
using MongoDB.Driver;
using NodaTime;
using TaggingPipeline.Processing.DeadLetters;
using TaggingPipeline.Storage.MongoDb.Database;

namespace TaggingPipeline.Storage.MongoDb.DeadLetters;

/// <summary>One document for each dead letter.</summary>
internal sealed class MongoDeadLetters(MongoDatabase database) : IDeadLetters
{
    private const string Queue = "queue";
    private const string Reason = "reason";
    private const string FailedAt = "failedAt";
    private const string Body = "body";

    private static FilterDefinitionBuilder<BsonDocument> Filter => Builders<BsonDocument>.Filter;

    public Task AddAsync(DeadLetter letter, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        session => database.DeadLetters.UpdateOneAsync(
            session, Filter.Eq("_id", letter.Id), new BsonDocument("$setOnInsert", Write(letter)), new UpdateOptions { IsUpsert = true }, cancellationToken),
        cancellationToken);

    public Task<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterFilter filter, string? after, int limit, CancellationToken cancellationToken) =>
        database.Sessions.RunAsync<IReadOnlyList<DeadLetter>>(
            async session =>
            {
                var fits = Filter.Gt("_id", after ?? "");
                if (filter.Queue is not null)
                    fits &= Filter.Eq(Queue, filter.Queue);
                if (filter.Reason is not null)
                    fits &= Filter.Eq(Reason, filter.Reason);
                var found = await database.DeadLetters.Find(session, fits).Sort(Builders<BsonDocument>.Sort.Ascending("_id")).Limit(limit)
                    .Project(Builders<BsonDocument>.Projection.Exclude(Body)).ToListAsync(cancellationToken);
                return found.ConvertAll(Read);
            },
            cancellationToken);

    public Task<IReadOnlyList<DeadLetterGroup>> CountAsync(CancellationToken cancellationToken) => database.Sessions.RunAsync<IReadOnlyList<DeadLetterGroup>>(
        async session =>
        {
            BsonDocument[] stages =
            [
                new("$group", new BsonDocument
                {
                    ["_id"] = new BsonDocument { [Queue] = $"${Queue}", [Reason] = $"${Reason}" },
                    ["count"] = new BsonDocument("$sum", 1L),
                    ["first"] = new BsonDocument("$min", $"${FailedAt}"),
                    ["last"] = new BsonDocument("$max", $"${FailedAt}"),
                }),
            ];
            var found = await (await database.DeadLetters.AggregateAsync<BsonDocument>(session, stages, null, cancellationToken)).ToListAsync(cancellationToken);
            return
            [
                .. found.Select(group => new DeadLetterGroup(
                        group["_id"][Queue].AsString, group["_id"][Reason].AsString, group["count"].ToInt64(), InstantOf(group["first"]), InstantOf(group["last"])))
                    .OrderBy(group => group.Queue, Utf8Order.Instance).ThenBy(group => group.Reason, Utf8Order.Instance),
            ];
        },
        cancellationToken);

    public Task<DeadLetter?> FindAsync(string id, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        async session => await database.DeadLetters.Find(session, Filter.Eq("_id", id)).FirstOrDefaultAsync(cancellationToken) is { } found ? Read(found) : null,
        cancellationToken);

    public Task<bool> RemoveAsync(string id, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        async session => (await database.DeadLetters.DeleteOneAsync(session, Filter.Eq("_id", id), null, cancellationToken)).DeletedCount > 0, cancellationToken);

    private static BsonDocument Write(DeadLetter letter) => new()
    {
        [Queue] = letter.Queue,
        [Reason] = letter.Reason,
        ["detail"] = letter.Detail,
        [FailedAt] = letter.FailedAt.ToUnixTimeMilliseconds(),
        ["contentType"] = letter.ContentType is null ? BsonNull.Value : letter.ContentType,
        [Body] = letter.Body.ToArray(),
    };

    private static DeadLetter Read(BsonDocument letter) => new(
        letter["_id"].AsString,
        letter[Queue].AsString,
        letter[Reason].AsString,
        letter["detail"].AsString,
        InstantOf(letter[FailedAt]),
        letter["contentType"].IsBsonNull ? null : letter["contentType"].AsString,
        letter.TryGetValue(Body, out var body) ? body.AsByteArray : default(ReadOnlyMemory<byte>));

    private static Instant InstantOf(BsonValue milliseconds) => Instant.FromUnixTimeMilliseconds(milliseconds.AsInt64);
}
