using System.Text.Json;
using MassTransit;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.RuleEvaluation;

/// <summary>Commits each batch, answers if somebody waits for that, and tells what changed.</summary>
/// <remarks>Once committed the changes are in outboxes: if telling them fails, the batch comes again or a sweep tells them.</remarks>
internal sealed class EventBatchConsumer(EventCommitter committer, ChangePublisher publisher, CurrentRulebook rulebook, EvaluationMetrics metrics)
    : IConsumer<EventBatch>
{
    public async Task Consume(ConsumeContext<EventBatch> context)
    {
        if (context.Message.Events is null)
            throw new JsonException("events: expected a list, found null");
        var committed = await committer.CommitAsync(context.Message.Events, rulebook, context.CancellationToken);
        metrics.Committed(committed);
        if (context.RequestId is not null)
            await context.RespondAsync(new EventBatchCommitted { Accepted = committed.Accepted, Duplicate = committed.Duplicate });
        await publisher.PublishAsync(committed.Untold, context.CancellationToken);
    }
}
