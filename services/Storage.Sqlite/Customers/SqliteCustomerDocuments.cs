using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Storage.Sqlite.Database;
using TaggingPipeline.Storage.Sqlite.Journal;

namespace TaggingPipeline.Storage.Sqlite.Customers;

/// <summary>Customer documents as rows of one table, and their outboxes as rows of another. A commit is one transaction together with its events.</summary>
internal sealed class SqliteCustomerDocuments(SqliteDatabase database) : ICustomerDocuments
{
    private const string Select =
        "SELECT id, version, evaluated_at, wakes_at, rulebook, tags, applied, revision, body, facts, unjournaled, rulebook_number FROM customers LEFT JOIN outboxes ON customer = id ";

    private const string SelectOne = Select + "WHERE id = ?1";

    private const string SelectVersion = "SELECT version, revision FROM customers LEFT JOIN outboxes ON customer = id WHERE id = ?1";

    private const string SelectPage = Select + "WHERE id > ?1 ORDER BY id LIMIT ?2";

    private const string SelectDue =
        "SELECT id, wakes_at FROM customers WHERE wakes_at <= ?1 AND (wakes_at, id) > (?2, ?3) ORDER BY wakes_at, id LIMIT ?4";

    /// <summary>Some thousand customers, who then take about a hundred megabytes: those who are in the shop at the moment.</summary>
    private readonly Recent<CustomerDocument> _recent = new(mostBytes: 16 * 1024 * 1024);

    public Task<IReadOnlyList<CustomerDocument>> LoadAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<CustomerDocument>>(session =>
        {
            var found = new List<CustomerDocument>(customers.Count);
            foreach (var customer in customers)
            {
                if ((FindRecent(session, customer) ?? Find(session, customer)) is { } document)
                    found.Add(document);
            }

            return found;
        }, cancellationToken);

    public Task<IReadOnlyList<CustomerDocument>> PeekAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<CustomerDocument>>(session =>
        {
            var found = new List<CustomerDocument>(customers.Count);
            var select = session.Prepare(SelectOne);
            foreach (var customer in customers)
            {
                using var rows = select.Query(customer);
                if (rows.Read())
                    found.Add(ReadDocument(rows));
            }

            return found;
        }, cancellationToken);

    public async Task<IReadOnlyList<CommitResult>> CommitAsync(IReadOnlyList<CustomerCommit> commits, CancellationToken cancellationToken)
    {
        // Encoded here, on the caller's thread: the writer's only writes.
        var rows = commits.Select(commit => commit.Document is { } document ? CustomerRow.Of(document, commit.ExpectedVersion) : null).ToList();
        var results = await database.WriteAsync(session =>
        {
            var results = new CommitResult[commits.Count];
            var uncounted = 0;
            for (var i = 0; i < results.Length; i++)
            {
                if (rows[i] is not null && !rows[i]!.Save(session))
                    continue;
                results[i] = new CommitResult(Saved: true, SqliteJournal.Append(session, commits[i].Events));
                if (commits[i].Document is { Unjournaled: { IsEmpty: false } made })
                    uncounted += SqliteJournal.Append(session, made);
            }

            RowCounts.Add(session, RowCounts.Journal, uncounted + results.Sum(result => result.Appended));
            return results;
        }, cancellationToken);

        for (var i = 0; i < results.Length; i++)
        {
            if (results[i].Saved && rows[i] is { } saved)
                _recent.Keep(commits[i].Customer, commits[i].Document!, saved.Bytes);
        }

        return results;
    }

    public Task ClearOutboxesAsync(IReadOnlyCollection<PublishedRevision> published, CancellationToken cancellationToken) =>
        database.WriteAsync(session =>
        {
            var delete = session.Prepare("DELETE FROM outboxes WHERE customer = ?1 AND revision <= ?2");
            return published.Sum(revision => delete.Execute(revision.Customer, revision.Revision));
        }, cancellationToken);

    public Task<IReadOnlyList<DueCustomer>> DueAsync(Instant until, DueCustomer? after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<DueCustomer>>(session =>
        {
            var due = new List<DueCustomer>();
            using var rows = session.Prepare(SelectDue)
                .Query(until.ToUnixTimeMilliseconds(), after?.WakesAt.ToUnixTimeMilliseconds() ?? long.MinValue, after?.Customer ?? "", limit);
            while (rows.Read())
                due.Add(new DueCustomer(rows.GetString(0), rows.GetInstant(1)));
            return due;
        }, cancellationToken);

    public Task<IReadOnlyList<string>> WithOutboxAsync(string? after, int limit, CancellationToken cancellationToken) =>
        IdsAsync("SELECT customer FROM outboxes WHERE customer > ?1 ORDER BY customer LIMIT ?2", after, limit, cancellationToken);

    public Task<IReadOnlyList<string>> NotDecidedByAsync(string rulebookVersion, string? after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(session => OtherRulebooks.OfCustomers(session, rulebookVersion, after, limit), cancellationToken);

    public Task<long> CountNotDecidedByAsync(string rulebookVersion, CancellationToken cancellationToken) =>
        database.ReadAsync(session => OtherRulebooks.CountCustomers(session, rulebookVersion), cancellationToken);

    public Task<IReadOnlyList<string>> IdsAsync(string? after, int limit, CancellationToken cancellationToken) =>
        IdsAsync("SELECT id FROM customers WHERE id > ?1 ORDER BY id LIMIT ?2", after, limit, cancellationToken);

    public Task<long> CountAsync(CancellationToken cancellationToken) => database.ReadAsync(session => (long)session.Run("SELECT count(*) FROM customers")!, cancellationToken);

    public Task<IReadOnlyList<CustomerDocument>> ScanAsync(string? after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<CustomerDocument>>(session =>
        {
            var documents = new List<CustomerDocument>();
            using var rows = session.Prepare(SelectPage).Query(after ?? "", limit);
            while (rows.Read())
                documents.Add(ReadDocument(rows));
            return documents;
        }, cancellationToken);

    private Task<IReadOnlyList<string>> IdsAsync(string select, string? after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<string>>(session =>
        {
            var customers = new List<string>();
            using var rows = session.Prepare(select).Query(after ?? "", limit);
            while (rows.Read())
                customers.Add(rows.GetString(0));
            return customers;
        }, cancellationToken);

    /// <summary>A document kept since it was saved or read, if it is still the stored one. A version is never given to two contents, nor a revision to two outboxes.</summary>
    private CustomerDocument? FindRecent(Session session, string customer)
    {
        if (!_recent.TryFind(customer, out var known))
            return null;
        using var row = session.Prepare(SelectVersion).Query(customer);
        if (!row.Read() || row.GetInt64(0) != known.Version)
            return null;
        if (row.IsNull(1))
            return known.Outbox is null ? known : known with { Outbox = null };
        return known.Outbox?.Revision == row.GetInt64(1) ? known : null;
    }

    private CustomerDocument? Find(Session session, string customer)
    {
        using var rows = session.Prepare(SelectOne).Query(customer);
        if (!rows.Read())
            return null;
        var document = ReadDocument(rows);
        _recent.Keep(customer, document, document.Facts.Bytes.Length + rows.GetBytes(5).Length);
        return document;
    }

    private static CustomerDocument ReadDocument(Statement.Rows row) => new()
    {
        Customer = row.GetString(0),
        Version = row.GetInt64(1),
        EvaluatedAt = row.GetInstant(2),
        WakesAt = row.IsNull(3) ? null : row.GetInstant(3),
        Tags = CustomerJson.ReadTags(row.GetBytes(5), row.GetString(4)),
        Applied = CustomerJson.ReadTexts(row.GetBytes(6)),
        Outbox = row.IsNull(7) ? null : CustomerJson.ReadOutbox(row.GetBytes(8), row.GetInt64(7)),
        Facts = StoredFacts.Of(row.GetBytes(9)),
        Unjournaled = row.IsNull(10) ? [] : CustomerJson.ReadEvents(row.GetBytes(10), row.GetString(0)),
        RulebookNumber = row.GetInt64(11),
    };
}
