using System.Collections.Concurrent;

namespace TaggingPipeline.Storage.Sqlite.Database;

/// <summary>Runs every write of this process on one thread and one connection; those that wait at the same time share a transaction.</summary>
/// <remarks>
/// SQLite has one writer at a time, and most of a small commit's time is the wait for the disk. So whatever arrives during that wait is
/// committed together, with one wait for all. The thread is its own because SQLite's calls block: they must not hold threads of the pool.
/// </remarks>
internal sealed class WriteQueue : IDisposable
{
    /// <summary>Bounds how long the first of those that share a transaction waits for the last.</summary>
    private const int MostTogether = 32;

    private readonly Session _session;
    private readonly BlockingCollection<PendingWrite> _pending = [];
    private readonly Thread _thread;

    public WriteQueue(Session session)
    {
        _session = session;
        _thread = new Thread(Run) { IsBackground = true, Name = "SQLite writer" };
        _thread.Start();
    }

    /// <summary>Runs the work in a write transaction. Completes when it is on the disk.</summary>
    /// <param name="write">Runs again, from the start, if the transaction it shared fails; so it may touch nothing but the session.</param>
    /// <param name="cancellationToken">Heeded until the work has begun.</param>
    public Task<T> EnqueueAsync<T>(Func<Session, T> write, CancellationToken cancellationToken)
    {
        var pending = new PendingWrite<T>(write, cancellationToken);
        try
        {
            _pending.Add(pending, CancellationToken.None);
        }
        catch (InvalidOperationException closed)
        {
            throw new ObjectDisposedException("The store is closed.", closed);
        }

        return pending.Completion;
    }

    /// <summary>Finishes what was enqueued, then ends.</summary>
    public void Dispose()
    {
        _pending.CompleteAdding();
        _thread.Join();
        _pending.Dispose();
        _session.Dispose();
    }

    private void Run()
    {
        var together = new List<PendingWrite>(MostTogether);
        foreach (var first in _pending.GetConsumingEnumerable())
        {
            together.Add(first);
            while (together.Count < MostTogether && _pending.TryTake(out var next))
                together.Add(next);
            together.RemoveAll(write => write.IsCancelled());
            if (together.Count > 0)
                Commit(together);
            together.Clear();
        }
    }

    private void Commit(List<PendingWrite> writes)
    {
        try
        {
            _session.InTransaction(session =>
            {
                foreach (var write in writes)
                    write.Execute(session);
            });
        }
        catch (Exception) when (writes.Count > 1)
        {
            // Each alone, so that a failure reaches only the caller whose write failed.
            foreach (var write in writes)
                Commit([write]);
            return;
        }
        catch (Exception failure)
        {
            writes[0].Fail(failure);
            return;
        }

        foreach (var write in writes)
            write.Succeed();
    }

    private abstract class PendingWrite
    {
        public abstract bool IsCancelled();

        public abstract void Execute(Session session);

        public abstract void Succeed();

        public abstract void Fail(Exception failure);
    }

    private sealed class PendingWrite<T>(Func<Session, T> write, CancellationToken cancellationToken) : PendingWrite
    {
        // Asynchronously: the caller's next step must not run on the writer's thread.
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;

        public Task<T> Completion => _completion.Task;

        public override bool IsCancelled() => cancellationToken.IsCancellationRequested && _completion.TrySetCanceled(cancellationToken);

        public override void Execute(Session session) => _result = write(session);

        public override void Succeed() => _completion.SetResult(_result);

        public override void Fail(Exception failure) => _completion.SetException(failure);
    }
}
