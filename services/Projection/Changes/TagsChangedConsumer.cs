using MassTransit;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Projection.Changes;

/// <summary>Takes in what changed about a customer.</summary>
public sealed class TagsChangedConsumer(ProjectionLine line, TagChangeProjector projector, TimeProvider clock, ILogger<TagsChangedConsumer> log)
    : IConsumer<TagsChanged>
{
    public async Task Consume(ConsumeContext<TagsChanged> context)
    {
        // On a retry a message goes alone, so that one which cannot be stored does not fail those it shared a commit with.
        var outcome = context.GetRetryAttempt() == 0
            ? await line.ProjectAsync(context.Message)
            : (await projector.ProjectAsync([context.Message], context.CancellationToken))[0];

        if (outcome == ProjectionOutcome.Ahead)
            await PutBack.SendAsync(context, clock, log);
        else if (context.ResponseAddress is not null)
            await context.RespondAsync(new Stored());
    }
}

/// <summary>How the queue of tag changes is read.</summary>
/// <remarks>
/// A failure is the store's: it is waited out for about 25 minutes, which is inside the half hour after which RabbitMQ takes a delivery back. Then, and
/// when a message stays ahead, the message is parked in the error queue.
/// </remarks>
public sealed class TagsChangedConsumerDefinition : ConsumerDefinition<TagsChangedConsumer>
{
    public TagsChangedConsumerDefinition()
    {
        EndpointName = QueueNames.TagChanges;
        ConcurrentMessageLimit = 256;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<TagsChangedConsumer> consumerConfigurator, IRegistrationContext context)
    {
        // As many as can be in work, and as many again on their way.
        endpointConfigurator.PrefetchCount = 512;
        endpointConfigurator.UseMessageRetry(retry =>
        {
            retry.Ignore<EarlierChangesMissingException>();
            retry.Exponential(100, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(15), TimeSpan.FromMilliseconds(200));
        });
    }
}
