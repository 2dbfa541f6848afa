using MassTransit;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>On RabbitMQ: a message is safe when the broker has confirmed that a durable queue holds it.</summary>
/// <remarks>
/// Messages are mandatory: should the queue be gone, the broker returns them and the send fails, instead of confirming what it dropped.
/// </remarks>
internal sealed class ConfirmedSender(IBus bus) : ISafeSender
{
    /// <summary>How long a send waits for a broker that is away or slow before it fails.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public async Task SendAsync<T>(string queue, T message, CancellationToken cancellationToken)
        where T : class
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            // The exchange, not the queue: an address of a queue would declare it anew, and not as the quorum queue that it is.
            var endpoint = await bus.GetSendEndpoint(new Uri($"exchange:{queue}"));
            await endpoint.Send(message, Pipe.Execute<SendContext<T>>(Demand), patience.Token).WaitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The broker has not confirmed a message to {queue} within {Patience.TotalSeconds} s.");
        }
    }

    private static void Demand(SendContext context)
    {
        context.Durable = true;
        if (context.TryGetPayload(out RabbitMqSendContext? onRabbitMq))
            onRabbitMq.Mandatory = true;
    }
}
