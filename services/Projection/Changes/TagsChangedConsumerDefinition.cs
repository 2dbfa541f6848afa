using MassTransit;
using TaggingPipeline.Contracts;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Projection.Changes;

/// <summary>Where tag changes come from, how many are worked on at once, and what happens when that fails.</summary>
public sealed class TagsChangedConsumerDefinition : ConsumerDefinition<TagsChangedConsumer>
{
    public TagsChangedConsumerDefinition() => EndpointName = QueueNames.TagChanges;

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<TagsChangedConsumer> consumerConfigurator, IRegistrationContext context)
    {
        // As many are worked on at once: they share commits, and some wait for those sent before them. There is no other limit, because in one process
        // what is ahead waits inside its delivery for others.
        endpointConfigurator.PrefetchCount = 64;
        consumerConfigurator.RetryThenSetAside(hopeless: typeof(EarlierChangesMissingException));
    }
}
