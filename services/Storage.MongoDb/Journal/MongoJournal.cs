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

    /// <remarks>A part is a range of ids, and read once from end to end; one customer's events at a time are held, to put them into their order.</remarks>
    public IAsyncEnumerable<JournaledEvent> ReadPartAsync(int part, int parts, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(part);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(part, parts);
        var (from, to) = JournalKey.RangeOf(part, parts);
        return ReadRangeAsync(to is null ? Filter.Gte("_id", from) : Filter.Gte("_id", from) & Filter.Lt("_id", to), cancellationToken);
    }

    public Task<long> CountAsync(CancellationToken cancellationToken) => database.Sessions.RunAsync(
        session => database.Journal.CountDocumentsAsync(session, Filter.Empty, null, cancellationToken), cancellationToken);

    private async IAsyncEnumerable<JournaledEvent> ReadRangeAsync(FilterDefinition<BsonDocument> range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var customer in CustomersAsync(range, cancellationToken))
        {
            foreach (var journaled in InOrder(customer))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return journaled;
            }
        }
    }

    /// <summary>The events of one customer after another, in no particular order.</summary>
    private async IAsyncEnumerable<List<JournaledEvent>> CustomersAsync(FilterDefinition<BsonDocument> range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var session = await database.Sessions.StartAsync(cancellationToken);
        using var cursor = await database.Journal.Find(session, range).Sort(ById).ToCursorAsync(cancellationToken);
        var customer = new List<JournaledEvent>();
        while (await cursor.MoveNextAsync(cancellationToken))
        {
            foreach (var journaled in cursor.Current.Select(Read))
            {
                if (customer.Count > 0 && customer[0].Customer != journaled.Customer)
                {
                    yield return customer;
                    customer = [];
                }

                customer.Add(journaled);
            }
        }

        yield return customer;
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
