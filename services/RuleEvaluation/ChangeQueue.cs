using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.RuleEvaluation;

/// <summary>Tells changes to projection, through its queue.</summary>
internal sealed class ChangeQueue(ISafeSender sender) : IChangeSink
{
    public Task PublishAsync(IReadOnlyList<TagsChanged> messages, CancellationToken cancellationToken) =>
        Task.WhenAll(messages.Select(message => sender.SendAsync(QueueNames.TagChanges, message, cancellationToken)));
}
