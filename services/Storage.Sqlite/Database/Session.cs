using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TaggingPipeline.Storage.Sqlite.Database;

/// <summary>One connection with its prepared statements. For one thread at a time.</summary>
internal sealed class Session : IDisposable
{
    /// <summary>How long another process's lock is waited for.</summary>
    private const int BusyMilliseconds = 30_000;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, Statement> _statements = [];

    private Session(SqliteConnection connection) => _connection = connection;

    /// <summary>A session as SQLite opens it, which creates the file if it is missing.</summary>
    public static Session Open(string path, SqliteOpenMode mode)
    {
        // Connections are kept by SqliteDatabase, together with their statements; the driver's own pool would keep the file open after it.
        var settings = new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false };
        var session = new Session(new SqliteConnection(settings.ToString()));
        try
        {
            session._connection.Open();
            session.Run($"PRAGMA busy_timeout = {BusyMilliseconds}");
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Makes it the session that writes.</summary>
    public void PrepareToWrite()
    {
        // FULL: a commit returns when the log is on the disk, so what was acknowledged outlives a power cut.
        Run("PRAGMA synchronous = FULL");

        // 64 MB of log before it is copied into the file: pages written again and again are copied once. Under 1,000 events a second the pause stays below 40 ms.
        // In this process nobody else copies; where several processes do, SQLite before 3.51.3 has a race that nobody has met in practice: https://sqlite.org/wal.html#walresetbug
        Run("PRAGMA wal_autocheckpoint = 16000");
        Run("PRAGMA journal_size_limit = 134217728");
        Run("PRAGMA cache_size = -32768");
    }

    /// <summary>Makes it a session that only reads.</summary>
    /// <remarks>
    /// Its cache is small because every write of another session empties it; the pages then come from the operating system's cache. Mapping the file instead
    /// (mmap_size) was measured to be slower by half: after every write it is mapped anew.
    /// </remarks>
    public void PrepareToRead()
    {
        Run("PRAGMA query_only = ON");
        Run("PRAGMA cache_size = -8192");
    }

    /// <summary>The statement of that text; the same text gives the same statement, so it cannot be used inside its own rows.</summary>
    public Statement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = new Statement(_connection.Handle!, sql);
            _statements.Add(sql, statement);
        }

        return statement;
    }

    /// <summary>Runs statements once, without keeping them.</summary>
    /// <returns>The first column of the first row; null if there is none.</returns>
    public object? Run(string sql)
    {
#pragma warning disable CA2100 // Every text is a constant of this project.
        using var command = new SqliteCommand(sql, _connection);
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }

    /// <summary>Runs the work in a read transaction: all of it sees one state of the file.</summary>
    public T InSnapshot<T>(Func<Session, T> read)
    {
        Prepare("BEGIN").Execute();
        try
        {
            return read(this);
        }
        finally
        {
            RollBack();
        }
    }

    /// <summary>Runs the work in a write transaction, which holds the file's write lock from its start.</summary>
    /// <exception cref="Exception">Whatever the work threw, or the commit; nothing was written.</exception>
    public void InTransaction(Action<Session> write)
    {
        Prepare("BEGIN IMMEDIATE").Execute();
        try
        {
            write(this);
            Prepare("COMMIT").Execute();
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
            statement.Dispose();
        _connection.Dispose();
    }

    private void RollBack()
    {
        // A full disk and the like make SQLite roll back by itself.
        if (raw.sqlite3_get_autocommit(_connection.Handle) == 0)
            Prepare("ROLLBACK").Execute();
    }
}
