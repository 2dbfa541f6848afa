using RabbitMQ.Client;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Customers;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>The exchanges and durable queues that everything on RabbitMQ relies on.</summary>
/// <remarks>
/// The same as MassTransit declares for a receive endpoint, so that its users find what they know: a fanout exchange of the queue's name, and a fanout exchange
/// named after the message's type, bound to it, so that what a shop publishes arrives too. The queues of partitions take only what is sent to them by name.
/// Whoever sends declares first: a broker drops what no queue takes.
/// </remarks>
internal static class BrokerTopology
{
    private static readonly (string Queue, Type Message)[] Queues =
    [
        (QueueNames.Events, typeof(EventBatch)),
        (QueueNames.TagChanges, typeof(TagsChangedBatch)),
        (QueueNames.Rejections, typeof(EventsRejected)),
    ];

    /// <summary>RabbitMQ 4 drops a message that came back twenty times, unless it is told otherwise: so often it can with processes that crash or hand over, and it must not be lost.</summary>
    public const string DeliveryLimit = "x-delivery-limit";
    public const int NeverReached = 1_000_000;

    public static readonly Dictionary<string, object?> Quorum = new() { ["x-queue-type"] = "quorum", [DeliveryLimit] = NeverReached };

    /// <summary>Where messages are set aside that cannot be processed, with the queues that take them again.</summary>
    public static IReadOnlyList<(string Queue, string Source)> ErrorQueues { get; } = [.. Queues.Select(each => (ErrorQueueOf(each.Queue), each.Queue))];

    /// <summary>Declares all of it; what is there already stays as it is.</summary>
    public static async Task DeclareAsync(BusAddress.RabbitMq address, CancellationToken cancellationToken)
    {
        await using var connection = await address.ConnectionsOf("tagging topology").CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        foreach (var (queue, _) in Queues)
            await DeclareAsync(channel, queue, cancellationToken);
        for (var partition = 0; partition < CustomerPartition.Count; partition++)
            await DeclareAsync(channel, QueueNames.EventsOf(partition), cancellationToken);
        await ChangesExchange.DeclareAsync(channel, cancellationToken);
        await connection.CloseAsync(cancellationToken);
    }

    /// <summary>Declares one queue, with what brings messages there, and the queue where those are set aside that cannot be processed.</summary>
    /// <remarks>Whoever reads declares too: a broker that was killed may have forgotten what was declared just before.</remarks>
    public static async Task DeclareAsync(IChannel channel, string queue, CancellationToken cancellationToken)
    {
        await DeclareQueueAsync(channel, queue, cancellationToken);
        await DeclareQueueAsync(channel, ErrorQueueOf(queue), cancellationToken);
        foreach (var (_, message) in Queues.Where(each => each.Queue == queue))
        {
            var published = $"{message.Namespace}:{message.Name}";
            await channel.ExchangeDeclareAsync(published, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
            await channel.ExchangeBindAsync(queue, published, "", cancellationToken: cancellationToken);
        }
    }

    /// <summary>Where messages of a queue are set aside that cannot be processed. Partitions share that of all events, which takes a batch of any customers again.</summary>
    public static string ErrorQueueOf(string queue) => $"{(queue.StartsWith($"{QueueNames.Events}-", StringComparison.Ordinal) ? QueueNames.Events : queue)}_error";

    private static async Task DeclareQueueAsync(IChannel channel, string queue, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeclareAsync(queue, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, Quorum, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(queue, queue, "", cancellationToken: cancellationToken);
    }
}
