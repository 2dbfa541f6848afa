using MongoDB.Bson;
using MongoDB.Driver;

namespace TaggingPipeline.Storage.MongoDb.Database;

/// <summary>Runs every operation in a session that comes after all operations of this process before it.</summary>
/// <remarks>
/// A process never reads a state older than one it has seen, even while a primary is being replaced: the commit protocol reads documents and then the journal, and
/// a journal older than the documents would have it observe an event twice. Safe for concurrent use.
/// </remarks>
internal sealed class Sessions(IMongoClient client)
{
    private static readonly ClientSessionOptions Causal = new() { CausalConsistency = true };

    private readonly Lock _gate = new();
    private BsonTimestamp? _operationTime;
    private BsonDocument? _clusterTime;

    public async Task<T> RunAsync<T>(Func<IClientSessionHandle, Task<T>> operation, CancellationToken cancellationToken)
    {
        using var session = await StartAsync(cancellationToken);
        try
        {
            return await operation(session);
        }
        finally
        {
            Remember(session);
        }
    }

    public Task RunAsync(Func<IClientSessionHandle, Task> operation, CancellationToken cancellationToken) => RunAsync(
        async session =>
        {
            await operation(session);
            return true;
        },
        cancellationToken);

    /// <summary>A session for a read that goes on while its caller does something else.</summary>
    public async Task<IClientSessionHandle> StartAsync(CancellationToken cancellationToken)
    {
        var session = await client.StartSessionAsync(Causal, cancellationToken);
        Advance(session);
        return session;
    }

    private void Advance(IClientSessionHandle session)
    {
        lock (_gate)
        {
            // A server that has only itself tells no times; it cannot be behind itself either.
            if (_clusterTime is not null)
                session.AdvanceClusterTime(_clusterTime);
            if (_operationTime is not null)
                session.AdvanceOperationTime(_operationTime);
        }
    }

    private void Remember(IClientSessionHandle session)
    {
        lock (_gate)
        {
            if (session.OperationTime is { } operationTime && (_operationTime is null || operationTime.CompareTo(_operationTime) > 0))
                _operationTime = operationTime;
            if (session.ClusterTime is { } clusterTime && (_clusterTime is null || TimeOf(clusterTime).CompareTo(TimeOf(_clusterTime)) > 0))
                _clusterTime = clusterTime;
        }
    }

    private static BsonTimestamp TimeOf(BsonDocument clusterTime) => clusterTime["clusterTime"].AsBsonTimestamp;
}
