namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>Sends a message to a queue and returns when it is safe.</summary>
/// <remarks>
/// On RabbitMQ that is when the broker confirmed it in a durable queue. On the in-memory bus, which forgets everything at a crash, it is when the consumer has
/// committed what the message asks for and answered.
/// </remarks>
public interface ISafeSender
{
    /// <remarks>Cancelling ends the wait; the message may still be sent.</remarks>
    /// <param name="queue">One of <see cref="Contracts.QueueNames"/>.</param>
    /// <exception cref="Exception">It is not known to be safe, and may be; sending it again is harmless.</exception>
    Task SendAsync<T>(string queue, T message, CancellationToken cancellationToken)
        where T : class;
}
