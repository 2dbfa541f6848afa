using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using TaggingPipeline.Processing;

namespace TaggingPipeline.Storage.Sqlite.Database;

/// <summary>One SQLite file, open: one session that writes, and as many that read as are asked for at once.</summary>
/// <remarks>
/// Thread-safe. Reads run on the caller's thread and complete at once: SQLite works within the process, mostly from memory, and a hand-over to another thread
/// costs more than a read does. A write is seen by every read, of this process or another, that begins after it completed.
/// </remarks>
internal sealed class SqliteDatabase : IDisposable
{
    private const int MostReadersKept = 8;

    private readonly string _path;
    private readonly WriteQueue _writes;
    private readonly ConcurrentBag<Session> _readers = [];
    private volatile bool _closed;

    private SqliteDatabase(string path, Session writer)
    {
        _path = path;
        _writes = new WriteQueue(writer);
    }

    /// <summary>Opens the file, creates it and its folder if they are missing, and brings it to the current schema.</summary>
    /// <exception cref="StorageException">It cannot be opened, is something else, or was written by a newer version.</exception>
    public static SqliteDatabase Open(string path)
    {
        Session? writer = null;
        try
        {
            path = Path.GetFullPath(path);
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? throw new IOException("this is a folder"));
            writer = Session.Open(path, SqliteOpenMode.ReadWriteCreate);
            Schema.Check(writer);
            UseLog(writer);
            Schema.Migrate(writer);
            writer.PrepareToWrite();
            return new SqliteDatabase(path, writer);
        }
        catch (Exception failure) when (failure is SqliteException or IOException or UnauthorizedAccessException or StorageException)
        {
            writer?.Dispose();
            throw new StorageException($"The store '{path}' cannot be opened: {failure.Message}", failure);
        }
    }

    /// <summary>Runs the work on one state of the file.</summary>
    public Task<T> ReadAsync<T>(Func<Session, T> read, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<T>(cancellationToken);
        try
        {
            using var lease = LeaseReader();
            return Task.FromResult(lease.Session.InSnapshot(read));
        }
        catch (Exception failure)
        {
            return Task.FromException<T>(failure);
        }
    }

    /// <inheritdoc cref="WriteQueue.EnqueueAsync"/>
    public Task<T> WriteAsync<T>(Func<Session, T> write, CancellationToken cancellationToken) => _writes.EnqueueAsync(write, cancellationToken);

    /// <summary>A session for a read that goes on while its caller does something else. Dispose gives it back.</summary>
    public Lease LeaseReader()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (_readers.TryTake(out var kept))
            return new Lease(this, kept);
        var opened = Session.Open(_path, SqliteOpenMode.ReadWrite);
        opened.PrepareToRead();
        return new Lease(this, opened);
    }

    /// <summary>Finishes the writes that were asked for, then closes the file.</summary>
    public void Dispose()
    {
        if (_closed)
            return;
        _closed = true;
        _writes.Dispose();
        CloseReaders();
    }

    private static void UseLog(Session writer)
    {
        if (writer.Run("PRAGMA journal_mode = WAL") is not "wal")
            throw new IOException("its file system cannot keep a write-ahead log; use a local disk");
    }

    private void GiveBack(Session session)
    {
        if (_readers.Count >= MostReadersKept)
            session.Dispose();
        else
            _readers.Add(session);
        if (_closed)
            CloseReaders();
    }

    private void CloseReaders()
    {
        while (_readers.TryTake(out var reader))
            reader.Dispose();
    }

    /// <summary>A session on loan.</summary>
    internal readonly struct Lease(SqliteDatabase database, Session session) : IDisposable
    {
        public Session Session => session;

        public void Dispose() => database.GiveBack(session);
    }
}
