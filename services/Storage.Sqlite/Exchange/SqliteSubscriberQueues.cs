using System.Text.Json;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Exchange;
using TaggingPipeline.Storage.Sqlite.Database;

namespace TaggingPipeline.Storage.Sqlite.Exchange;

/// <summary>Queues as rows; their bindings are a JSON array.</summary>
internal sealed class SqliteSubscriberQueues(SqliteDatabase database) : ISubscriberQueues
{
    private const string Save = "INSERT INTO subscriber_queues (name, bindings) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET bindings = excluded.bindings";

    public Task<IReadOnlyList<QueueDeclaration>> ListAsync(CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<QueueDeclaration>>(session =>
    {
        var found = new List<QueueDeclaration>();
        using var rows = session.Prepare("SELECT name, bindings FROM subscriber_queues ORDER BY name").Query();
        while (rows.Read())
            found.Add(new(rows.GetString(0), [.. JsonSerializer.Deserialize<string[]>(rows.GetBytes(1), ContractsJson.Options)!]));
        return found;
    }, cancellationToken);

    public Task SaveAsync(QueueDeclaration queue, CancellationToken cancellationToken)
    {
        var bindings = JsonSerializer.SerializeToUtf8Bytes(queue.Bindings.ToArray(), ContractsJson.Options);
        return database.WriteAsync(session => session.Prepare(Save).Execute(queue.Name, bindings), cancellationToken);
    }

    public Task<bool> RemoveAsync(string name, CancellationToken cancellationToken) =>
        database.WriteAsync(session => session.Prepare("DELETE FROM subscriber_queues WHERE name = ?1").Execute(name) > 0, cancellationToken);
}
