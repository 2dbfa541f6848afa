using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Rejections;
using TaggingPipeline.Storage.Sqlite.Database;

namespace TaggingPipeline.Storage.Sqlite.Rejections;

/// <summary>Rejected events as rows in the order of their arrival; the event is JSON text.</summary>
internal sealed class SqliteRejectedEvents(SqliteDatabase database) : IRejectedEvents
{
    public Task AddAsync(IReadOnlyList<RejectedEvent> events, CancellationToken cancellationToken)
    {
        var rows = events.Select(@event => (@event.Id, Body: JsonSerializer.Serialize(@event, ContractsJson.Options))).ToList();
        return database.WriteAsync(session =>
        {
            var insert = session.Prepare("INSERT INTO rejected (id, body) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING");
            var added = rows.Sum(row => insert.Execute(row.Id, row.Body));
            RowCounts.Add(session, RowCounts.Rejected, added);
            return added;
        }, cancellationToken);
    }

    public Task<IReadOnlyList<(long Position, RejectedEvent Event)>> ListAsync(long after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<(long, RejectedEvent)>>(session =>
        {
            var events = new List<(long, RejectedEvent)>();
            using var rows = session.Prepare("SELECT position, body FROM rejected WHERE position > ?1 ORDER BY position LIMIT ?2").Query(after, limit);
            while (rows.Read())
                events.Add((rows.GetInt64(0), JsonSerializer.Deserialize<RejectedEvent>(rows.GetBytes(1), ContractsJson.Options)!));
            return events;
        }, cancellationToken);

    public Task<long> CountAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(session => RowCounts.Read(session, RowCounts.Rejected), cancellationToken);
}
