using TaggingPipeline.Processing.DeadLetters;
using TaggingPipeline.Storage.Sqlite.Database;

namespace TaggingPipeline.Storage.Sqlite.DeadLetters;

/// <summary>Dead letters as rows.</summary>
internal sealed class SqliteDeadLetters(SqliteDatabase database) : IDeadLetters
{
    private const string Insert =
        "INSERT INTO dead_letters (id, queue, reason, detail, failed_at, content_type, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO NOTHING";

    private const string Select = "SELECT id, queue, reason, detail, failed_at, content_type, body FROM dead_letters ";

    private const string Page = "SELECT id, queue, reason, detail, failed_at, content_type, x'' FROM dead_letters WHERE id > ?1 AND (?2 IS NULL OR queue = ?2) AND (?3 IS NULL OR reason = ?3) ORDER BY id LIMIT ?4";

    public Task AddAsync(DeadLetter letter, CancellationToken cancellationToken) => database.WriteAsync(
        session => session.Prepare(Insert).Execute(
            letter.Id, letter.Queue, letter.Reason, letter.Detail, letter.FailedAt.ToUnixTimeMilliseconds(), letter.ContentType, letter.Body),
        cancellationToken);

    public Task<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterFilter filter, string? after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<DeadLetter>>(session =>
        {
            var found = new List<DeadLetter>();
            using var rows = session.Prepare(Page).Query(after ?? "", filter.Queue, filter.Reason, limit);
            while (rows.Read())
                found.Add(Read(rows));
            return found;
        }, cancellationToken);

    public Task<IReadOnlyList<DeadLetterGroup>> CountAsync(CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<DeadLetterGroup>>(session =>
    {
        var found = new List<DeadLetterGroup>();
        using var rows = session.Prepare(
            "SELECT queue, reason, count(*), min(failed_at), max(failed_at) FROM dead_letters GROUP BY queue, reason ORDER BY queue, reason").Query();
        while (rows.Read())
            found.Add(new(rows.GetString(0), rows.GetString(1), rows.GetInt64(2), rows.GetInstant(3), rows.GetInstant(4)));
        return found;
    }, cancellationToken);

    public Task<DeadLetter?> FindAsync(string id, CancellationToken cancellationToken) => database.ReadAsync(session =>
    {
        using var rows = session.Prepare(Select + "WHERE id = ?1").Query(id);
        return rows.Read() ? Read(rows) : null;
    }, cancellationToken);

    public Task<bool> RemoveAsync(string id, CancellationToken cancellationToken) =>
        database.WriteAsync(session => session.Prepare("DELETE FROM dead_letters WHERE id = ?1").Execute(id) > 0, cancellationToken);

    private static DeadLetter Read(Statement.Rows rows) => new(
        rows.GetString(0), rows.GetString(1), rows.GetString(2), rows.GetString(3), rows.GetInstant(4), rows.IsNull(5) ? null : rows.GetString(5), rows.GetBytes(6));
}
