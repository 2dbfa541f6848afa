using MassTransit;
using MassTransit.Transports;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>What is done with the messages of one queue, as the consumer's definition says.</summary>
/// <param name="Prefetch">How many messages are taken from the queue before the first of them is done.</param>
/// <param name="AtOnce">How many are worked on at once.</param>
internal sealed record QueueConsumer(string Queue, IReceiveEndpointDispatcher Dispatcher, ushort Prefetch, int AtOnce)
{
    /// <remarks>As MassTransit builds an endpoint, without the part that talks to a broker. What fails is thrown at the caller, who sets it aside.</remarks>
    public static QueueConsumer Of<T>(IBusInstance bus, IBusRegistrationContext context, string queue, int? atOnce)
        where T : class, IConsumer
    {
        var configuration = bus.HostConfiguration.CreateReceiveEndpointConfiguration(queue);
        var endpoint = (IReceiveEndpointConfigurator)configuration;
        endpoint.ThrowOnSkippedMessages();
        endpoint.RethrowFaultedMessages();
        endpoint.PublishFaults = false;
        endpoint.ConfigureConsumeTopology = false;
        context.GetConfigureReceiveEndpoints().Configure(queue, endpoint);
        context.ConfigureConsumer<T>(endpoint);
        configuration.Validate().ThrowIfContainsFailure($"The consumer of {queue} is not configured rightly:"); // this also is what adds the retries
        var built = configuration.CreateReceiveEndpointContext();
        var prefetch = Math.Clamp(built.PrefetchCount, 1, ushort.MaxValue);
        return new(queue, new ReceiveEndpointDispatcher(built), (ushort)prefetch, atOnce ?? prefetch);
    }
}

/// <summary>A queue that a host reads as long as it runs.</summary>
/// <param name="ConsumerType">Kept from the bus, which would read the queue too.</param>
internal sealed record QueueToRead(string Queue, Type ConsumerType, Func<QueueReaders, QueueReader> Open);
