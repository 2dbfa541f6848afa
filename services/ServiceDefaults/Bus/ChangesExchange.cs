using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using TaggingPipeline.Processing.Exchange;
using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>The topic exchange to which every change is published, over a connection of its own.</summary>
/// <remarks>
/// The queues that were declared over the API are declared again on each new line before a change is published there: a broker that was restarted may have forgotten some, and drops what no queue takes.
/// Routing keys are <c>tag.KEY.added</c>, <c>.changed</c> and <c>.removed</c>, and <c>segment.KEY.entered</c> and <c>.exited</c>.
/// </remarks>
public sealed class ChangesExchange : IAsyncDisposable
{
    public const string Name = "tagging.changes";

    private const string ContentType = "application/cloudevents+json";

    private readonly ConfirmedPublisher _publisher;

    internal ChangesExchange(BusAddress.RabbitMq address, QueueAdministration administration, ISubscriberQueues queues, ILogger<ChangesExchange> logger) =>
        _publisher = new(address, "tagging changes", async cancellationToken =>
        {
            var kept = await queues.ListAsync(cancellationToken);
            foreach (var (queue, why) in await administration.RestoreAsync(kept, cancellationToken))
                BusLog.SubscriberQueueNotDeclared(logger, queue, why);
            // One that was deleted meanwhile would be there again, and nobody could take it away.
            var stillKept = (await queues.ListAsync(cancellationToken)).Select(queue => queue.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var queue in kept.Where(queue => !stillKept.Contains(queue.Name)))
                await administration.DeleteAsync(queue.Name, cancellationToken);
        });

    /// <summary>The key by which an entry finds its queues.</summary>
    public static string RoutingKeyOf(FeedEntry entry)
    {
        var dot = entry.Type.IndexOf('.', StringComparison.Ordinal);
        return $"{entry.Type[..dot]}.{entry.Key}{entry.Type[dot..]}";
    }

    /// <summary>Publishes a change as it stands in the feed. Returns when every queue that is bound for it has stored it, or none is bound.</summary>
    /// <exception cref="MessageRefusedException">A queue would not take it; others may have.</exception>
    /// <exception cref="Exception">The broker is away, or has not confirmed in time.</exception>
    public Task PublishAsync(FeedEntry entry, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties { ContentType = ContentType, DeliveryMode = DeliveryModes.Persistent, MessageId = Shortened(entry.Id), Type = entry.Type };
        return _publisher.PublishAsync(Name, RoutingKeyOf(entry), mandatory: false, properties, entry.Body, cancellationToken);
    }

    public ValueTask DisposeAsync() => _publisher.DisposeAsync();

    internal static Task DeclareAsync(IChannel channel, CancellationToken cancellationToken) =>
        channel.ExchangeDeclareAsync(Name, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken);

    /// <remarks>AMQP's short strings take 255 bytes, and customers' ids may be longer. The envelope has the whole.</remarks>
    private static string? Shortened(string id) => System.Text.Encoding.UTF8.GetByteCount(id) <= 255 ? id : null;
}
