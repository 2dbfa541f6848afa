using MassTransit;
using TaggingPipeline.Contracts;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Projection.Rejections;

/// <summary>Where rejected events come from, how many messages are worked on at once, and what happens when that fails.</summary>
public sealed class EventsRejectedConsumerDefinition : ConsumerDefinition<EventsRejectedConsumer>
{
    public EventsRejectedConsumerDefinition()
    {
        EndpointName = QueueNames.Rejections;
        ConcurrentMessageLimit = 8;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<EventsRejectedConsumer> consumerConfigurator, IRegistrationContext context) =>
        endpointConfigurator.RetryThenSetAside();
}
