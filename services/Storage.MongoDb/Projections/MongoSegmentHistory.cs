using MongoDB.Bson;
using MongoDB.Driver;
using NodaTime;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Storage.MongoDb.Database;

namespace TaggingPipeline.Storage.MongoDb.Projections;

/// <summary>The intervals of memberships, each a document of its own. Counts are made by the indexes.</summary>
internal sealed class MongoSegmentHistory(MongoDatabase database) : ISegmentHistory
{
    private const int PageSize = 500;

    private static readonly BulkWriteOptions InAnyOrder = new() { IsOrdered = false };

    private static FilterDefinitionBuilder<BsonDocument> Filter => Builders<BsonDocument>.Filter;

    /// <summary>Puts crossings, those that are there already too.</summary>
    public async Task PutAsync(IEnumerable<UpdateOneModel<BsonDocument>> puts, CancellationToken cancellationToken)
    {
        var open = puts.ToList();
        while (open.Count > 0)
        {
            try
            {
                await database.Sessions.RunAsync(session => database.Intervals.BulkWriteAsync(session, open, InAnyOrder, cancellationToken), cancellationToken);
                return;
            }
            catch (MongoBulkWriteException<BsonDocument> failure)
            {
                // Another has inserted the same interval at the same moment: it is there now, to be updated.
                open = [.. failure.Duplicates().Select(position => open[position])];
            }
        }
    }

    /// <summary>Puts the intervals of all memberships that stand, of a database that has kept none so far.</summary>
    public async Task AddStandingAsync(CancellationToken cancellationToken)
    {
        var after = "";
        while (true)
        {
            var page = await database.Sessions.RunAsync(
                session => database.Views.Find(session, Filter.Gt("_id", after)).Sort(Builders<BsonDocument>.Sort.Ascending("_id")).Limit(PageSize)
                    .Project(new BsonDocument(ViewBson.Memberships, 1)).ToListAsync(cancellationToken),
                cancellationToken);
            if (page.Count == 0)
                return;
            await PutAsync(
                from view in page
                from membership in view[ViewBson.Memberships].AsBsonArray.Select(ViewBson.ReadMembership)
                where membership.IsMember
                select IntervalBson.Put(view["_id"].AsString, membership),
                cancellationToken);
            after = page[^1]["_id"].AsString;
        }
    }

    public Task<IReadOnlyList<SegmentMember>> MembersAtAsync(string segment, Instant at, string? after, int limit, CancellationToken cancellationToken)
    {
        var instant = ValueBson.Write(at);
        return database.Sessions.RunAsync<IReadOnlyList<SegmentMember>>(
            async session =>
            {
                var intervals = await database.Intervals
                    .Find(session, Filter.Eq(IntervalBson.Segment, segment) & Filter.Gt(IntervalBson.Customer, after ?? "") & Filter.Lte(IntervalBson.Entered, instant)
                        & (Filter.Exists(IntervalBson.Left, false) | Filter.Gt(IntervalBson.Left, instant)))
                    .Sort(Builders<BsonDocument>.Sort.Ascending(IntervalBson.Customer))
                    .Limit(limit)
                    .ToListAsync(cancellationToken);
                return intervals.ConvertAll(IntervalBson.ReadMember);
            },
            cancellationToken);
    }

    public async Task<IReadOnlyList<Crossing>> CrossingsAsync(
        string segment, Instant from, Instant to, Crossing? after, int limit, CancellationToken cancellationToken)
    {
        var entries = await FindAsync(segment, IntervalBson.Entered, from, to, after, after?.Number, limit, cancellationToken);
        var exits = await FindAsync(segment, IntervalBson.Left, from, to, after, after?.Number - 1, limit, cancellationToken);
        return
        [
            .. entries.Select(IntervalBson.ReadEntry).Concat(exits.Select(IntervalBson.ReadExit))
                .OrderBy(crossing => crossing.At).ThenBy(crossing => crossing.Customer, Utf8Order.Instance).ThenBy(crossing => crossing.Number)
                .Take(limit),
        ];
    }

    public async Task<Movement> CountCrossingsAsync(string segment, Instant from, Instant to, CancellationToken cancellationToken) => new(
        await CountAsync(segment, Between(IntervalBson.Entered, from, to), cancellationToken),
        await CountAsync(segment, Between(IntervalBson.Left, from, to), cancellationToken));

    /// <remarks>Two counts for each bound: all that came before the first one are counted too, by the index.</remarks>
    public async Task<IReadOnlyList<Movement>> MovementsAsync(string segment, IReadOnlyList<Instant> bounds, CancellationToken cancellationToken)
    {
        var movements = new Movement[bounds.Count];
        for (var i = 0; i < movements.Length; i++)
        {
            movements[i] = new(
                await CountAsync(segment, Before(IntervalBson.Entered, i), cancellationToken),
                await CountAsync(segment, Before(IntervalBson.Left, i), cancellationToken));
        }

        return movements;

        FilterDefinition<BsonDocument> Before(string field, int bound)
        {
            var before = Filter.Lt(field, ValueBson.Write(bounds[bound]));
            return bound == 0 ? before : before & Filter.Gte(field, ValueBson.Write(bounds[bound - 1]));
        }
    }

    private static FilterDefinition<BsonDocument> Between(string field, Instant from, Instant to) =>
        Filter.Gt(field, ValueBson.Write(from)) & Filter.Lte(field, ValueBson.Write(to));

    /// <param name="field">The instant by which they are found.</param>
    /// <param name="afterNumber">The interval's number that <paramref name="after"/> stands for.</param>
    private Task<List<BsonDocument>> FindAsync(
        string segment, string field, Instant from, Instant to, Crossing? after, long? afterNumber, int limit, CancellationToken cancellationToken)
    {
        var filter = Filter.Eq(IntervalBson.Segment, segment) & Between(field, from, to);
        if (after is { } known)
        {
            var at = ValueBson.Write(known.At);
            filter &= Filter.Gt(field, at)
                | (Filter.Eq(field, at)
                    & (Filter.Gt(IntervalBson.Customer, known.Customer) | (Filter.Eq(IntervalBson.Customer, known.Customer) & Filter.Gt(IntervalBson.Number, afterNumber.GetValueOrDefault()))));
        }

        return database.Sessions.RunAsync(
            session => database.Intervals.Find(session, filter)
                .Sort(Builders<BsonDocument>.Sort.Ascending(field).Ascending(IntervalBson.Customer).Ascending(IntervalBson.Number))
                .Limit(limit)
                .ToListAsync(cancellationToken),
            cancellationToken);
    }

    private Task<long> CountAsync(string segment, FilterDefinition<BsonDocument> range, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        session => database.Intervals.CountDocumentsAsync(session, Filter.Eq(IntervalBson.Segment, segment) & range, null, cancellationToken), cancellationToken);
}
