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
    private const int LeastRefusal = 403;
    private const int NotFound = 404;
    private const int Locked = 405;
    private const int OtherArguments = 406;
    private const int MostRefusal = OtherArguments;

    /// <summary>How long a broker that is away or slow is waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly ConnectionFactory _connections;

    internal QueueAdministration(BusAddress.RabbitMq address) => _connections = address.ConnectionsOf("tagging queues");

    /// <summary>Whether the broker has a queue of that name which is not one of these: with other arguments, or of one connection alone.</summary>
    public static bool IsTaken(OperationInterruptedException refusal) => refusal.ShutdownReason?.ReplyCode is Locked or OtherArguments;

    /// <summary>Declares the exchange, a queue (durable, quorum), and its bindings; what is there already stays as it is.</summary>
    public Task DeclareAsync(QueueDeclaration queue, CancellationToken cancellationToken) => WithChannelAsync(
        async (channel, token) =>
        {
            await ChangesExchange.DeclareAsync(channel, token);
            await DeclareAsync(channel, queue, token);
            return true;
        },
        cancellationToken);

    /// <summary>Declares the exchange, and each queue that the broker does not refuse.</summary>
    /// <returns>Those that it refused, and what it said.</returns>
    public Task<IReadOnlyList<(string Queue, string Why)>> RestoreAsync(IReadOnlyCollection<QueueDeclaration> queues, CancellationToken cancellationToken) =>
        WithConnectionAsync<IReadOnlyList<(string Queue, string Why)>>(
            async (connection, token) =>
            {
                var refused = new List<(string Queue, string Why)>();
                var channel = await connection.CreateChannelAsync(cancellationToken: token);
                await ChangesExchange.DeclareAsync(channel, token);
                foreach (var queue in queues)
                {
                    try
                    {
                        await DeclareAsync(channel, queue, token);
                    }
                    catch (OperationInterruptedException refusal) when (refusal.ShutdownReason?.ReplyCode is >= LeastRefusal and <= MostRefusal)
                    {
                        refused.Add((queue.Name, refusal.ShutdownReason.ReplyText));
                        channel = await connection.CreateChannelAsync(cancellationToken: token); // a refusal ends the channel, and no more
                    }
                }

                return refused;
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

    private static async Task DeclareAsync(IChannel channel, QueueDeclaration queue, CancellationToken cancellationToken)
    {
        await channel.QueueDeclareAsync(queue.Name, durable: true, exclusive: false, autoDelete: false, BrokerTopology.Quorum, cancellationToken: cancellationToken);
        foreach (var binding in queue.Bindings)
            await channel.QueueBindAsync(queue.Name, ChangesExchange.Name, binding, cancellationToken: cancellationToken);
    }

    private Task<T> WithChannelAsync<T>(Func<IChannel, CancellationToken, Task<T>> work, CancellationToken cancellationToken) => WithConnectionAsync(
        async (connection, token) => await work(await connection.CreateChannelAsync(cancellationToken: token), token), cancellationToken);

    private async Task<T> WithConnectionAsync<T>(Func<IConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await using var connection = await _connections.CreateConnectionAsync(patience.Token).WaitAsync(patience.Token);
            var result = await work(connection, patience.Token).WaitAsync(patience.Token);
            await connection.CloseAsync(patience.Token).WaitAsync(patience.Token);
            return result;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The broker has not answered within {Patience.TotalSeconds} s.");
        }
    }
}
