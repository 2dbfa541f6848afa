using MassTransit;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Rejections;

namespace TaggingPipeline.Projection.Rejections;

/// <summary>Keeps events aside that could not be accepted.</summary>
public sealed class EventsRejectedConsumer(IRejectedEvents rejected, ILogger<EventsRejectedConsumer> log) : IConsumer<EventsRejected>
{
    public async Task Consume(ConsumeContext<EventsRejected> context)
    {
        await rejected.AddAsync(context.Message.Events, context.CancellationToken);
        Log.EventsRejected(log, context.Message.Events.Count);
        if (context.ResponseAddress is not null)
            await context.RespondAsync(new Stored());
    }
}

/// <summary>How the queue of rejections is read; a failing store is waited out as it is for tag changes.</summary>
public sealed class EventsRejectedConsumerDefinition : ConsumerDefinition<EventsRejectedConsumer>
{
    public EventsRejectedConsumerDefinition()
    {
        EndpointName = QueueNames.Rejections;
        ConcurrentMessageLimit = 8;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<EventsRejectedConsumer> consumerConfigurator, IRegistrationContext context) =>
        endpointConfigurator.UseMessageRetry(retry =>
            retry.Exponential(100, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(15), TimeSpan.FromMilliseconds(200)));
}
