using MassTransit;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>Has what is left of a delivered message delivered again, behind those that wait in its queue now.</summary>
public interface IRedelivery
{
    /// <summary>How often it was sent again; a header of the delivery, and none the first time.</summary>
    const string RoundHeader = "tagging-round";

    /// <summary>Returns when the message is in the queue, so that the delivery can be acknowledged.</summary>
    /// <exception cref="Exception">It is not known to be in the queue; it may be.</exception>
    Task SendAgainAsync<T>(ConsumeContext<T> delivery, string queue, T message, int round)
        where T : class;
}
