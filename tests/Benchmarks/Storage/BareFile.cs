using Microsoft.Data.Sqlite;
using TaggingPipeline.Processing.Customers;

namespace TaggingPipeline.Benchmarks.Storage;

/// <summary>The raw limit of SQLite: one transaction.</summary>
internal sealed class BareFile : IBareStore
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _insertDocument;
    private readonly SqliteCommand _insertEvent;
    private readonly SqliteCommand _commit;

    public BareFile(string path)
    {
        _connection = new SqliteConnection($"Data Source={path};Pooling=False");
        _connection.Open();
        using (var create = new SqliteCommand(
            """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;
            CREATE TABLE documents (id TEXT, body BLOB); CREATE TABLE events (customer TEXT, event_id TEXT, occurred_at INTEGER, body BLOB)
            """, _connection))
        {
            create.ExecuteNonQuery();
        }

        _begin = new SqliteCommand("BEGIN IMMEDIATE", _connection);
        _insertDocument = WithParameters(new SqliteCommand("INSERT INTO documents VALUES (?1, ?2)", _connection), 2);
        _insertEvent = WithParameters(new SqliteCommand("INSERT INTO events VALUES (?1, ?2, ?3, ?4)", _connection), 4);
        _commit = new SqliteCommand("COMMIT", _connection);
    }

    public Task InsertAsync(IReadOnlyList<CustomerCommit> commits)
    {
        _begin.ExecuteNonQuery();
        foreach (var commit in commits)
        {
            if (commit.Document is not null)
            {
                _insertDocument.Parameters[0].Value = commit.Customer;
                _insertDocument.Parameters[1].Value = new byte[IBareStore.DocumentBytes];
                _insertDocument.ExecuteNonQuery();
            }

            foreach (var @event in commit.Events)
            {
                _insertEvent.Parameters[0].Value = @event.Customer;
                _insertEvent.Parameters[1].Value = @event.EventId;
                _insertEvent.Parameters[2].Value = @event.OccurredAt.ToUnixTimeMilliseconds();
                _insertEvent.Parameters[3].Value = @event.Body.ToArray();
                _insertEvent.ExecuteNonQuery();
            }
        }

        _commit.ExecuteNonQuery();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _begin.Dispose();
        _insertDocument.Dispose();
        _insertEvent.Dispose();
        _commit.Dispose();
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }

    private static SqliteCommand WithParameters(SqliteCommand command, int count)
    {
        for (var i = 1; i <= count; i++)
            command.Parameters.Add(new SqliteParameter { ParameterName = $"?{i}" });
        return command;
    }
}
