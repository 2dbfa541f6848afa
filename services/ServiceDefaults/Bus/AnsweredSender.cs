using MassTransit;
using TaggingPipeline.Contracts;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>On a bus that forgets everything at a crash: a message is safe when its consumer has answered.</summary>
/// <remarks>The consumer answers with <see cref="EventBatchCommitted"/> or <see cref="Stored"/> as soon as what the message asks for is committed.</remarks>
internal sealed class AnsweredSender(IBus bus) : ISafeSender
{
    /// <summary>Past this the sender is told that it failed, though it may still succeed.</summary>
    private static readonly RequestTimeout Patience = RequestTimeout.After(s: 30);

    private readonly IClientFactory _clients = bus.CreateClientFactory(Patience);

    public async Task SendAsync<T>(string queue, T message, CancellationToken cancellationToken)
        where T : class
    {
        var client = _clients.CreateRequestClient<T>(new Uri($"queue:{queue}"), Patience);
        await client.GetResponse<EventBatchCommitted, Stored>(message, cancellationToken);
    }
}
