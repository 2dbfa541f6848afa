using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Storage.Sqlite.Database;

namespace TaggingPipeline.Storage.Sqlite.Journal;

/// <summary>Events as rows in the order of their arrival, with one index: by customer and event id.</summary>
internal sealed class SqliteJournal(SqliteDatabase database) : IJournal
{
    private const string Insert =
        "INSERT INTO journal (customer, event_id, occurred_at, body) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (customer, event_id) DO NOTHING";

    private const string SelectOfCustomer =
        "SELECT event_id, occurred_at, body FROM journal WHERE customer = ?1 ORDER BY occurred_at, event_id";

    private const string SelectKnown = "SELECT 1 FROM journal WHERE customer = ?1 AND event_id = ?2";

    // Seeks from customer to customer, so a customer of many events costs no more than one of few.
    private const string SelectCustomers = """
        WITH RECURSIVE customers (id) AS (
            SELECT min(customer) FROM journal WHERE customer > ?1
            UNION ALL
            SELECT (SELECT min(customer) FROM journal WHERE customer > id) FROM customers WHERE id IS NOT NULL)
        SELECT id FROM customers WHERE id IS NOT NULL LIMIT ?2
        """;

    /// <summary>Appends events within a write transaction; the caller keeps the count of rows.</summary>
    /// <returns>How many were new.</returns>
    public static int Append(Session session, IReadOnlyList<JournaledEvent> events)
    {
        var insert = session.Prepare(Insert);
        return events.Sum(@event =>
            insert.Execute(@event.Customer, @event.EventId, @event.OccurredAt.ToUnixTimeMilliseconds(), @event.Body));
    }

    public Task<IReadOnlySet<EventKey>> KnownAsync(IReadOnlyCollection<EventKey> keys, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlySet<EventKey>>(session =>
        {
            var select = session.Prepare(SelectKnown);
            return keys.Where(key => select.Single(key.Customer, key.EventId) is not null).ToHashSet();
        }, cancellationToken);

    public Task<IReadOnlyList<JournaledEvent>> ReadAsync(string customer, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<JournaledEvent>>(session => [.. ReadOf(session, customer)], cancellationToken);

    /// <remarks>By ascending id.</remarks>
    public Task<IReadOnlyList<string>> CustomersAsync(string? after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<string>>(session =>
        {
            var customers = new List<string>(limit);
            using var rows = session.Prepare(SelectCustomers).Query(after ?? "", limit);
            while (rows.Read())
                customers.Add(rows.GetString(0));
            return customers;
        }, cancellationToken);

    public IAsyncEnumerable<JournaledEvent> ReadManyAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) =>
        ReadMany(customers, cancellationToken).ToAsyncEnumerable();

    public Task<IReadOnlyList<string>> WithoutEventsAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<string>>(session =>
        {
            var select = session.Prepare("SELECT 1 FROM journal WHERE customer = ?1 LIMIT 1");
            return [.. customers.Where(customer => select.Single(customer) is null)];
        }, cancellationToken);

    public Task<long> CountAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(session => RowCounts.Read(session, RowCounts.Journal), cancellationToken);

    private IEnumerable<JournaledEvent> ReadMany(IReadOnlyCollection<string> customers, CancellationToken cancellationToken)
    {
        // Without a transaction around it, which would keep the log from being reused for as long as the caller takes.
        using var lease = database.LeaseReader();
        foreach (var customer in customers)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var journaled in ReadOf(lease.Session, customer))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return journaled;
            }
        }
    }

    private static IEnumerable<JournaledEvent> ReadOf(Session session, string customer)
    {
        using var rows = session.Prepare(SelectOfCustomer).Query(customer);
        while (rows.Read())
            yield return new JournaledEvent(customer, rows.GetString(0), rows.GetInstant(1), rows.GetBytes(2));
    }
}
