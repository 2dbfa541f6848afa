using MassTransit;
using MassTransit.Mediator;
using TaggingPipeline.Contracts;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>In one process, where a crash forgets every message: it is safe when its consumer has answered.</summary>
/// <remarks>The consumer answers with <see cref="EventBatchCommitted"/> or <see cref="Stored"/> as soon as what the message asks for is committed.</remarks>
internal sealed class AnsweredSender(IMediator mediator) : ISafeSender
{
    /// <summary>Past this the sender is told that it failed, though it may still succeed.</summary>
    private static readonly RequestTimeout Patience = RequestTimeout.After(s: 30);

    public async Task SendAsync<T>(string queue, T message, CancellationToken cancellationToken)
        where T : class
    {
        var client = mediator.CreateRequestClient<T>(Patience);
        await client.GetResponse<EventBatchCommitted, Stored>(message, cancellationToken);
    }
}
