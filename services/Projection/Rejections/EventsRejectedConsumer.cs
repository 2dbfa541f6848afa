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
        if (context.RequestId is not null)
            await context.RespondAsync(new Stored());
    }
}
