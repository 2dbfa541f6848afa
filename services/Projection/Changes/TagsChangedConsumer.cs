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
        else if (context.RequestId is not null)
            await context.RespondAsync(new Stored());
    }
}
