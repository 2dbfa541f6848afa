using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Rejections;
using TaggingPipeline.Storage.Sqlite.Database;

namespace TaggingPipeline.Storage.Sqlite.Rejections;

/// <summary>Rejected events as rows in the order of their arrival; the event is JSON text, beside it stands what is asked for.</summary>
internal sealed class SqliteRejectedEvents(SqliteDatabase database) : IRejectedEvents
{
    private const string Insert =
        "INSERT INTO rejected (id, body, code, pattern, received_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING";

    private const string Page =
        "SELECT position, body FROM rejected WHERE position > ?1 AND (?2 IS NULL OR code = ?2) AND (?3 IS NULL OR pattern = ?3) ORDER BY position LIMIT ?4";

    private const string PageOfCode =
        "SELECT position, body FROM rejected INDEXED BY rejected_by_code WHERE code = ?2 AND position > ?1 AND (?3 IS NULL OR pattern = ?3) ORDER BY position LIMIT ?4";

    private const string Groups =
        "SELECT found.code, found.pattern, events, first_at, last_at, body FROM "
        + "(SELECT code, pattern, count(*) AS events, min(received_at) AS first_at, max(received_at) AS last_at, min(position) AS oldest FROM rejected GROUP BY code, pattern) AS found "
        + "JOIN rejected ON position = oldest ORDER BY found.code, found.pattern";

    public Task AddAsync(IReadOnlyList<RejectedEvent> events, CancellationToken cancellationToken)
    {
        var rows = events.Select(@event => (Event: @event, Body: Write(@event))).ToList();
        return database.WriteAsync(session =>
        {
            var insert = session.Prepare(Insert);
            var added = rows.Sum(row => insert.Execute(row.Event.Id, row.Body, row.Event.Code, ReasonPattern.Of(row.Event.Reason), row.Event.ReceivedAt.ToUnixTimeMilliseconds()));
            RowCounts.Add(session, RowCounts.Rejected, added);
            return added;
        }, cancellationToken);
    }

    public Task<IReadOnlyList<(long Position, RejectedEvent Event)>> ListAsync(RejectionFilter filter, long after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<(long, RejectedEvent)>>(session =>
        {
            var events = new List<(long, RejectedEvent)>();
            using var rows = session.Prepare(filter.Code is null ? Page : PageOfCode).Query(after, filter.Code, filter.Pattern, limit);
            while (rows.Read())
                events.Add((rows.GetInt64(0), Read(rows.GetBytes(1))));
            return events;
        }, cancellationToken);

    public Task<IReadOnlyList<RejectionGroup>> GroupAsync(CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<RejectionGroup>>(session =>
    {
        var groups = new List<RejectionGroup>();
        using var rows = session.Prepare(Groups).Query();
        while (rows.Read())
        {
            groups.Add(new(
                rows.GetString(0), rows.GetString(1), rows.GetInt64(2), rows.GetInstant(3).ToDateTimeOffset(), rows.GetInstant(4).ToDateTimeOffset(), Read(rows.GetBytes(5))));
        }

        return groups;
    }, cancellationToken);

    public Task<RejectedEvent?> FindAsync(string id, CancellationToken cancellationToken) => database.ReadAsync(session => Find(session, id), cancellationToken);

    /// <remarks>Of the table's sequence, which outlives the rows.</remarks>
    public Task<long> NewestPositionAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(session => session.Prepare("SELECT seq FROM sqlite_sequence WHERE name = 'rejected'").Single() ?? 0, cancellationToken);

    public Task ReplaceReasonAsync(string id, Rejection rejection, string? steps, CancellationToken cancellationToken) => database.WriteAsync(session =>
    {
        if (Find(session, id) is not { } found)
            return 0;
        var body = Write(found with { Code = rejection.Code, Reason = rejection.Reason, Steps = steps });
        return session.Prepare("UPDATE rejected SET body = ?2, code = ?3, pattern = ?4 WHERE id = ?1").Execute(id, body, rejection.Code, ReasonPattern.Of(rejection.Reason));
    }, cancellationToken);

    public Task<int> RemoveAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var named = ids.ToList();
        return database.WriteAsync(session =>
        {
            var delete = session.Prepare("DELETE FROM rejected WHERE id = ?1");
            var removed = named.Sum(id => delete.Execute(id));
            RowCounts.Add(session, RowCounts.Rejected, -removed);
            return removed;
        }, cancellationToken);
    }

    public Task<long> CountAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(session => RowCounts.Read(session, RowCounts.Rejected), cancellationToken);

    private static RejectedEvent? Find(Session session, string id)
    {
        using var rows = session.Prepare("SELECT body FROM rejected WHERE id = ?1").Query(id);
        return rows.Read() ? Read(rows.GetBytes(0)) : null;
    }

    private static string Write(RejectedEvent rejected) => JsonSerializer.Serialize(rejected, ContractsJson.Options);

    private static RejectedEvent Read(byte[] body) => JsonSerializer.Deserialize<RejectedEvent>(body, ContractsJson.Options)!;
}
