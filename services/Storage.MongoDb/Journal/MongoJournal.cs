using System.Runtime.CompilerServices;
using MongoDB.Bson;
using MongoDB.Driver;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Storage.MongoDb.Database;

namespace TaggingPipeline.Storage.MongoDb.Journal;

/// <summary>One document for each event, named by <see cref="JournalKey"/>.</summary>
internal sealed class MongoJournal(MongoDatabase database) : IJournal
{
    /// <summary>Of ids that one query asks for.</summary>
    private const int MaxIds = 1_000;

    /// <summary>Of customers whose events one query asks for.</summary>
    private const int MaxRanges = 50;

    private const string OccurredAt = "occurredAt";
    private const string Body = "body";

    private static readonly InsertManyOptions InAnyOrder = new() { IsOrdered = false };

    private static readonly SortDefinition<BsonDocument> ById = Builders<BsonDocument>.Sort.Ascending("_id");

    private static FilterDefinitionBuilder<BsonDocument> Filter => Builders<BsonDocument>.Filter;

    /// <summary>Appends groups of events at once; one that is there already, or comes twice, is fine.</summary>
    /// <returns>For each group how many events were new.</returns>
    public static async Task<int[]> AppendAsync(
        IMongoCollection<BsonDocument> journal, IClientSessionHandle session, List<IReadOnlyList<JournaledEvent>> groups, CancellationToken cancellationToken)
    {
        var appended = groups.Select(events => events.Count).ToArray();
        if (appended.Sum() == 0)
            return appended;
        try
        {
            await journal.InsertManyAsync(session, groups.SelectMany(events => events).Select(Write), InAnyOrder, cancellationToken);
        }
        catch (MongoBulkWriteException<BsonDocument> failure)
        {
            var groupOf = groups.SelectMany((events, group) => Enumerable.Repeat(group, events.Count)).ToArray();
            foreach (var known in failure.Duplicates())
                appended[groupOf[known]]--;
        }

        return appended;
    }

    public async Task<IReadOnlySet<EventKey>> KnownAsync(IReadOnlyCollection<EventKey> keys, CancellationToken cancellationToken)
    {
        var byId = keys.Distinct().ToDictionary(JournalKey.Of, StringComparer.Ordinal);
        var known = new HashSet<EventKey>();
        foreach (var ids in byId.Keys.Chunk(MaxIds))
        {
            var found = await database.Sessions.RunAsync(
                session => database.Journal.Find(session, Filter.In("_id", ids)).Project(new BsonDocument("_id", 1)).ToListAsync(cancellationToken), cancellationToken);
            known.UnionWith(found.Select(document => byId[document["_id"].AsString]));
        }

        return known;
    }

    public Task<IReadOnlyList<JournaledEvent>> ReadAsync(string customer, CancellationToken cancellationToken) =>
        database.Sessions.RunAsync<IReadOnlyList<JournaledEvent>>(
            async session =>
            {
                var (from, to) = JournalKey.RangeOf(customer);
                var documents = await database.Journal.Find(session, Filter.Gte("_id", from) & Filter.Lt("_id", to)).ToListAsync(cancellationToken);
                return InOrder(documents.ConvertAll(Read));
            },
            cancellationToken);

    /// <remarks>By ascending id of events: by hash, length and id of the customer.</remarks>
    public Task<IReadOnlyList<string>> CustomersAsync(string? after, int limit, CancellationToken cancellationToken) => database.Sessions.RunAsync<IReadOnlyList<string>>(
        async session =>
        {
            var customers = new List<string>(limit);
            var from = after is null ? "" : JournalKey.RangeOf(after).To;
            while (customers.Count < limit)
            {
                // So many events at once, and then on behind the last of their customers: one of many events costs no more than one of few.
                var ids = await database.Journal.Find(session, Filter.Gte("_id", from)).Sort(ById).Limit(MaxIds).Project(new BsonDocument("_id", 1)).ToListAsync(cancellationToken);
                if (ids.Count == 0)
                    break;
                foreach (var id in ids)
                {
                    var customer = JournalKey.Parse(id["_id"].AsString).Customer;
                    if (customers.Count == limit)
                        break;
                    if (customers.Count == 0 || customers[^1] != customer)
                        customers.Add(customer);
                }

                from = JournalKey.RangeOf(customers[^1]).To;
            }

            return customers;
        },
        cancellationToken);

    public async IAsyncEnumerable<JournaledEvent> ReadManyAsync(IReadOnlyCollection<string> customers, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var some in customers.Chunk(MaxRanges))
        {
            var ranges = some.Select(JournalKey.RangeOf).Select(range => Filter.Gte("_id", range.From) & Filter.Lt("_id", range.To));
            await foreach (var run in RunsAsync(Filter.Or(ranges), cancellationToken))
            {
                foreach (var journaled in InOrder(run))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return journaled;
                }
            }
        }
    }

    public async Task<IReadOnlyList<string>> WithoutEventsAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken)
    {
        var without = new List<string>();
        foreach (var customer in customers)
        {
            var (from, to) = JournalKey.RangeOf(customer);
            var hasEvents = await database.Sessions.RunAsync(
                session => database.Journal.Find(session, Filter.Gte("_id", from) & Filter.Lt("_id", to)).Project(new BsonDocument("_id", 1)).Limit(1).AnyAsync(cancellationToken), cancellationToken);
            if (!hasEvents)
                without.Add(customer);
        }

        return without;
    }

    public Task<long> CountAsync(CancellationToken cancellationToken) => database.Sessions.RunAsync(
        session => database.Journal.CountDocumentsAsync(session, Filter.Empty, null, cancellationToken), cancellationToken);

    /// <summary>The events of one customer after another, so many at once, in no particular order.</summary>
    private async IAsyncEnumerable<List<JournaledEvent>> RunsAsync(FilterDefinition<BsonDocument> filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var session = await database.Sessions.StartAsync(cancellationToken);
        using var cursor = await database.Journal.Find(session, filter).Sort(ById).ToCursorAsync(cancellationToken);
        var run = new List<JournaledEvent>();
        while (await cursor.MoveNextAsync(cancellationToken))
        {
            foreach (var journaled in cursor.Current.Select(Read))
            {
                if (run.Count == IJournal.MostInOrder || (run.Count > 0 && run[0].Customer != journaled.Customer))
                {
                    yield return run;
                    run = [];
                }

                run.Add(journaled);
            }
        }

        yield return run;
    }

    private static List<JournaledEvent> InOrder(List<JournaledEvent> events)
    {
        events.Sort(static (left, right) =>
            left.OccurredAt == right.OccurredAt ? Utf8Order.Instance.Compare(left.EventId, right.EventId) : left.OccurredAt.CompareTo(right.OccurredAt));
        return events;
    }

    private static BsonDocument Write(JournaledEvent journaled) => new()
    {
        ["_id"] = JournalKey.Of(journaled.Key),
        [OccurredAt] = ValueBson.Write(journaled.OccurredAt),
        [Body] = ValueBson.Write(journaled.Body),
    };

    private static JournaledEvent Read(BsonDocument document)
    {
        var (customer, eventId) = JournalKey.Parse(document["_id"].AsString);
        return new(customer, eventId, ValueBson.ReadInstant(document[OccurredAt]), document[Body].AsByteArray);
    }
}
