using MassTransit;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>Has what is left of a delivered message delivered again, behind those that wait in its queue now.</summary>
public interface IRedelivery
{
    /// <summary>How often it was sent again; a header of the delivery, and none the first time.</summary>
    const string RoundHeader = "tagging-round";

    /// <summary>Returns when the message is in the queue, so that the delivery can be acknowledged.</summary>
    /// <returns>False, and nothing is done, where there is no queue: within one process whoever sent the message waits for this delivery.</returns>
    /// <exception cref="Exception">It is not known to be in the queue; it may be.</exception>
    Task<bool> TrySendAgainAsync<T>(ConsumeContext<T> delivery, string queue, T message, int round)
        where T : class;
}

/// <summary>Within one process, where messages do not wait in queues.</summary>
internal sealed class NoRedelivery : IRedelivery
{
    public Task<bool> TrySendAgainAsync<T>(ConsumeContext<T> delivery, string queue, T message, int round)
        where T : class =>
        Task.FromResult(false);
}
