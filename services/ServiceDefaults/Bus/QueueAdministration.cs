using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using TaggingPipeline.Processing.Exchange;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>What a queue holds.</summary>
/// <param name="Messages">How many wait.</param>
public readonly record struct QueueContents(long Messages, long Consumers);

/// <summary>Declares queues of subscribers at the broker, looks at them and deletes them.</summary>
/// <remarks>Seldom, so each time over a connection of its own.</remarks>
public sealed class QueueAdministration
{
    private const int NotFound = 404;

    /// <summary>How long a broker that is away or slow is waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly ConnectionFactory _connections;

    internal QueueAdministration(BusAddress.RabbitMq address) => _connections = address.ConnectionsOf("tagging queues");

    /// <summary>Declares the exchange, the queues (durable, quorum), and their bindings; what is there already stays as it is.</summary>
    public Task DeclareAsync(IReadOnlyCollection<QueueDeclaration> queues, CancellationToken cancellationToken) => WithChannelAsync(
        async (channel, token) =>
        {
            await ChangesExchange.DeclareAsync(channel, token);
            foreach (var queue in queues)
            {
                await channel.QueueDeclareAsync(queue.Name, durable: true, exclusive: false, autoDelete: false, BrokerTopology.Quorum, cancellationToken: token);
                foreach (var binding in queue.Bindings)
                    await channel.QueueBindAsync(queue.Name, ChangesExchange.Name, binding, cancellationToken: token);
            }

            return true;
        },
        cancellationToken);

    /// <summary>Ends bindings; one that is not there is fine.</summary>
    public Task UnbindAsync(string queue, IEnumerable<string> bindings, CancellationToken cancellationToken) => WithChannelAsync(
        async (channel, token) =>
        {
            foreach (var binding in bindings)
                await channel.QueueUnbindAsync(queue, ChangesExchange.Name, binding, cancellationToken: token);
            return true;
        },
        cancellationToken);

    /// <returns>Null if the broker has no such queue.</returns>
    public async Task<QueueContents?> LookAsync(string queue, CancellationToken cancellationToken)
    {
        try
        {
            return await WithChannelAsync<QueueContents?>(
                async (channel, token) =>
                {
                    var found = await channel.QueueDeclarePassiveAsync(queue, token);
                    return new QueueContents(found.MessageCount, found.ConsumerCount);
                },
                cancellationToken);
        }
        catch (OperationInterruptedException none) when (none.ShutdownReason?.ReplyCode == NotFound)
        {
            return null;
        }
    }

    /// <summary>Deletes a queue with what it holds; one that is not there is fine.</summary>
    public Task DeleteAsync(string queue, CancellationToken cancellationToken) =>
        WithChannelAsync(async (channel, token) => await channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: false, cancellationToken: token), cancellationToken);

    private async Task<T> WithChannelAsync<T>(Func<IChannel, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await using var connection = await _connections.CreateConnectionAsync(patience.Token).WaitAsync(patience.Token);
            var channel = await connection.CreateChannelAsync(cancellationToken: patience.Token).WaitAsync(patience.Token);
            var result = await work(channel, patience.Token).WaitAsync(patience.Token);
            await connection.CloseAsync(patience.Token).WaitAsync(patience.Token);
            return result;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The broker has not answered within {Patience.TotalSeconds} s.");
        }
    }
}
