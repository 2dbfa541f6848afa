using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.RuleEvaluation;

/// <summary>Tells changes to projection, through its queue.</summary>
internal sealed class ChangeQueue(ISafeSender sender) : IChangeSink
{
    /// <summary>How many customers one message tells of: some hundred kilobytes.</summary>
    private const int MaxCustomers = 100;

    public Task PublishAsync(IReadOnlyList<TagsChanged> messages, CancellationToken cancellationToken) =>
        Task.WhenAll(messages.Chunk(MaxCustomers).Select(customers =>
            sender.SendAsync(QueueNames.TagChanges, new TagsChangedBatch { Customers = customers }, cancellationToken)));
}
