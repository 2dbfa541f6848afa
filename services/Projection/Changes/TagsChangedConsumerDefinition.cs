using MassTransit;
using TaggingPipeline.Contracts;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Projection.Changes;

/// <summary>Where tag changes come from, how many are worked on at once, and what happens when that fails.</summary>
public sealed class TagsChangedConsumerDefinition : ConsumerDefinition<TagsChangedConsumer>
{
    public TagsChangedConsumerDefinition()
    {
        EndpointName = QueueNames.TagChanges;

        // They share commits, and some wait for those sent before them.
        ConcurrentMessageLimit = 64;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<TagsChangedConsumer> consumerConfigurator, IRegistrationContext context)
    {
        // As many as can be in work, and as many again on their way.
        endpointConfigurator.PrefetchCount = 128;
        endpointConfigurator.RetryThenSetAside(hopeless: typeof(EarlierChangesMissingException));
    }
}
