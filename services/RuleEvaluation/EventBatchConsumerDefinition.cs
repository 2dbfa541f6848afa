using MassTransit;
using MassTransit.Middleware;
using TaggingPipeline.Contracts;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.RuleEvaluation;

/// <summary>Where batches come from, how many are worked on at once, and what happens when that fails.</summary>
internal sealed class EventBatchConsumerDefinition : ConsumerDefinition<EventBatchConsumer>
{
    // Enough to decide one batch while another is being written; more would only make batches lose races for the same customers.
    private readonly ConcurrencyLimiter _overAllQueues = new(4);

    public EventBatchConsumerDefinition() => EndpointName = QueueNames.Events;

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<EventBatchConsumer> consumerConfigurator, IRegistrationContext context)
    {
        endpointConfigurator.PrefetchCount = 16;
        endpointConfigurator.RetryThenSetAside();
        consumerConfigurator.Message<EventBatch>(message => message.UseFilter(new ConsumeConcurrencyLimitFilter<EventBatch>(_overAllQueues)));
    }
}
