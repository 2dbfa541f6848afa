using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Storage.Sqlite.Database;

namespace TaggingPipeline.Storage.Sqlite.Projections;

/// <summary>The feed as rows numbered by SQLite.</summary>
/// <remarks>
/// A position is given out under the file's one write lock, and the lock is held until the commit: so positions become visible in their order, whichever process
/// writes, and a reader that is after one has seen all below it. AUTOINCREMENT never gives a position out again.
/// </remarks>
internal sealed class SqliteChangeFeed(SqliteDatabase database) : IChangeFeed
{
    private const string Insert = "INSERT INTO feed (id, customer, type, key, body) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (customer, id) DO NOTHING";

    private const string Select = "SELECT position, id, customer, type, key, body FROM feed ";

    // The index, which holds positions too, is read for all of the customer's entries; their bodies are read for the page alone.
    private const string OfCustomer =
        "WHERE position IN (SELECT position FROM feed WHERE customer = ?1 AND position > ?2 ORDER BY position LIMIT ?3) ORDER BY position";

    /// <summary>Appends entries within a write transaction; those whose id is there already are left as they are.</summary>
    public static void Append(Session session, IReadOnlyList<NewFeedEntry> entries)
    {
        var insert = session.Prepare(Insert);
        foreach (var entry in entries)
            insert.Execute(entry.Id, entry.Customer, entry.Type, entry.Key, entry.Body);
    }

    public Task<IReadOnlyList<FeedEntry>> ReadAsync(long after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<FeedEntry>>(
            session => Read(session.Prepare(Select + "WHERE position > ?1 ORDER BY position LIMIT ?2").Query(after, limit)), cancellationToken);

    public Task<IReadOnlyList<FeedEntry>> ReadOfCustomerAsync(string customer, long after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<FeedEntry>>(
            session => Read(session.Prepare(Select + OfCustomer).Query(customer, after, limit)),
            cancellationToken);

    public Task<long> NewestPositionAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(session => session.Prepare("SELECT max(position) FROM feed").Single() ?? 0, cancellationToken);

    private static List<FeedEntry> Read(Statement.Rows rows)
    {
        using (rows)
        {
            var entries = new List<FeedEntry>();
            while (rows.Read())
            {
                entries.Add(new FeedEntry(
                    rows.GetInt64(0), rows.GetString(1), rows.GetString(2), rows.GetString(3), rows.GetString(4), rows.GetBytes(5)));
            }

            return entries;
        }
    }
}
