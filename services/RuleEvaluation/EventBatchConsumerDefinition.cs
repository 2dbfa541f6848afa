using MassTransit;
using TaggingPipeline.Contracts;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.RuleEvaluation;

/// <summary>Where batches come from, how many are worked on at once, and what happens when that fails.</summary>
public sealed class EventBatchConsumerDefinition : ConsumerDefinition<EventBatchConsumer>
{
    public EventBatchConsumerDefinition()
    {
        EndpointName = QueueNames.Events;

        // Enough to decide one batch while another is being written; more would only make batches lose races for the same customers.
        ConcurrentMessageLimit = 4;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<EventBatchConsumer> consumerConfigurator, IRegistrationContext context)
    {
        endpointConfigurator.PrefetchCount = 16;
        endpointConfigurator.RetryThenSetAside();
    }
}
