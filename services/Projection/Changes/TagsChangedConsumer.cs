using MassTransit;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Projection.Changes;

/// <summary>Takes in what changed about customers.</summary>
/// <remarks>
/// What comes before its predecessors is put back into the queue; within one process, where there is none, it is taken up again here until they have come.
/// </remarks>
public sealed class TagsChangedConsumer(
    ProjectionLine line, TagChangeProjector projector, IRedelivery redelivery, TimeProvider clock, ILogger<TagsChangedConsumer> log)
    : IConsumer<TagsChangedBatch>
{
    public async Task Consume(ConsumeContext<TagsChangedBatch> context)
    {
        var ahead = await ProjectAsync(context.Message.Customers, context);
        for (var round = PutBack.RoundsOf(context) + 1; ahead.Length > 0; round++)
        {
            if (round > PutBack.MaxRounds)
                throw new EarlierChangesMissingException(ahead[0].Sequence);
            await PutBack.PauseAsync(round, clock, context.CancellationToken);
            Log.MessagePutBack(log, round);
            if (await redelivery.TrySendAgainAsync(context, QueueNames.TagChanges, new TagsChangedBatch { Customers = ahead }, round))
                return;
            ahead = await ProjectAsync(ahead, context);
        }

        if (context.RequestId is not null)
            await context.RespondAsync(new Stored());
    }

    /// <returns>Those that are ahead.</returns>
    private async Task<TagsChanged[]> ProjectAsync(IReadOnlyList<TagsChanged> customers, ConsumeContext context)
    {
        var outcomes = context.GetRetryAttempt() == 0
            ? await line.ProjectAsync(customers)
            : await ProjectEachAsync(customers, context.CancellationToken);
        return [.. customers.Where((_, position) => outcomes[position] == ProjectionOutcome.Ahead)];
    }

    /// <summary>On a retry each customer goes alone, so that one who cannot be stored does not fail those who shared a commit.</summary>
    private async Task<IReadOnlyList<ProjectionOutcome>> ProjectEachAsync(IReadOnlyList<TagsChanged> customers, CancellationToken cancellationToken)
    {
        var outcomes = await Task.WhenAll(customers.Select(customer => projector.ProjectAsync([customer], cancellationToken)));
        return [.. outcomes.Select(outcome => outcome[0])];
    }
}
