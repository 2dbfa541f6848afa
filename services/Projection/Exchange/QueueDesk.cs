using RabbitMQ.Client.Exceptions;
using TaggingPipeline.Processing.Exchange;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Projection.Exchange;

/// <summary>Declares and deletes queues of subscribers, and keeps which there are.</summary>
/// <remarks>What is kept is never less than what the broker has, so that a crash in between leaves nothing that could not be taken away again.</remarks>
internal sealed class QueueDesk(ISubscriberQueues queues, IChangeFeed feed, QueueAdministration? broker = null) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Whether there is a broker to have queues.</summary>
    public bool HasBroker => broker is not null;

    private QueueAdministration Broker => broker ?? throw new InvalidOperationException("There is no broker.");

    /// <summary>Declares a queue with these bindings and no others.</summary>
    /// <exception cref="OperationInterruptedException">The broker refuses, perhaps because it has another queue of that name.</exception>
    /// <returns>Whether it is new, and a position in the feed: what stands after it and fits comes to the queue.</returns>
    public async Task<(bool IsNew, long Position)> DeclareAsync(QueueDeclaration wanted, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var known = await FindAsync(wanted.Name, cancellationToken);
            var former = known?.Bindings.Except(wanted.Bindings).ToArray() ?? [];
            if (known is null || former.Length > 0 || !wanted.Equals(known))
                await queues.SaveAsync(wanted with { Bindings = [.. wanted.Bindings, .. former] }, cancellationToken);
            try
            {
                await Broker.DeclareAsync(wanted, cancellationToken);
            }
            catch (OperationInterruptedException refusal) when (known is null && QueueAdministration.IsTaken(refusal))
            {
                await queues.RemoveAsync(wanted.Name, cancellationToken); // it is somebody else's
                throw;
            }

            var position = await feed.NewestPositionAsync(cancellationToken);
            if (former.Length > 0)
            {
                await Broker.UnbindAsync(wanted.Name, former, cancellationToken);
                await queues.SaveAsync(wanted, cancellationToken);
            }

            return (known is null, position);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Deletes a queue with what it holds.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (await FindAsync(name, cancellationToken) is null)
                return false;
            await Broker.DeleteAsync(name, cancellationToken);
            var isRemoved = await queues.RemoveAsync(name, cancellationToken);
            await Broker.DeleteAsync(name, cancellationToken); // a publisher that found it among the kept ones may have declared it again
            return isRemoved;
        }
        finally
        {
            _one.Release();
        }
    }

    public Task<IReadOnlyList<QueueDeclaration>> ListAsync(CancellationToken cancellationToken) => queues.ListAsync(cancellationToken);

    public async Task<QueueDeclaration?> FindAsync(string name, CancellationToken cancellationToken) =>
        (await queues.ListAsync(cancellationToken)).FirstOrDefault(queue => queue.Name == name);

    /// <returns>Null if the broker has no such queue.</returns>
    public Task<QueueContents?> LookAsync(string name, CancellationToken cancellationToken) => Broker.LookAsync(name, cancellationToken);

    public void Dispose() => _one.Dispose();
}
