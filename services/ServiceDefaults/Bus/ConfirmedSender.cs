using System.Text.Json;
using MassTransit;
using RabbitMQ.Client;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>On RabbitMQ: a message is safe when the broker has confirmed that a durable queue holds it.</summary>
/// <remarks>Messages are mandatory: should the queue be gone, the broker returns them, instead of confirming what it dropped.</remarks>
internal sealed class ConfirmedSender(BusAddress.RabbitMq address) : ISafeSender, IRedelivery, IResubmission, IAsyncDisposable
{
    private readonly ConfirmedPublisher _publisher = new(address, "tagging sender");

    /// <exception cref="MessageRefusedException">This message is not taken; others may be.</exception>
    /// <exception cref="TimeoutException">The broker was away, or did not confirm in time.</exception>
    public Task SendAsync<T>(string queue, T message, CancellationToken cancellationToken)
        where T : class =>
        SendAsync(queue, message, round: null, cancellationToken);

    public Task SendAgainAsync<T>(ConsumeContext<T> delivery, string queue, T message, int round)
        where T : class =>
        SendAsync(queue, message, round, delivery.CancellationToken);

    public Task SendAsync(string queue, string? contentType, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        SendAsync(queue, PropertiesOf(contentType, round: null), body, cancellationToken);

    /// <summary>Keeps a message that no consumer could process in the error queue beside its own.</summary>
    /// <remarks>Whatever its size: were it refused, it would come from its own queue again and again, and nothing behind it.</remarks>
    public Task SetAsideAsync(string queue, byte[] body, BasicProperties properties) =>
        _publisher.PublishAsync(BrokerTopology.ErrorQueueOf(queue), "", mandatory: true, properties, body, CancellationToken.None, wasTaken: true);

    public ValueTask DisposeAsync() => _publisher.DisposeAsync();

    private Task SendAsync<T>(string queue, T message, int? round, CancellationToken cancellationToken) =>
        SendAsync(queue, PropertiesOf("application/json", round), JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Options), cancellationToken);

    private Task SendAsync(string queue, BasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        _publisher.PublishAsync(queue, "", mandatory: true, properties, body, cancellationToken);

    private static BasicProperties PropertiesOf(string? contentType, int? round)
    {
        var properties = new BasicProperties
        {
            DeliveryMode = DeliveryModes.Persistent,
            Headers = round is null ? null : new Dictionary<string, object?> { [IRedelivery.RoundHeader] = round },
        };
        if (contentType is not null)
            properties.ContentType = contentType;
        return properties;
    }
}
