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
        Task.WhenAll(messages.Chunk(MaxCustomers).Select(customers => SendAsync(customers, cancellationToken)));

    /// <remarks>What gathers in outboxes while a broker is away can be more than a message takes.</remarks>
    private async Task SendAsync(TagsChanged[] customers, CancellationToken cancellationToken)
    {
        try
        {
            await sender.SendAsync(QueueNames.TagChanges, new TagsChangedBatch { Customers = customers }, cancellationToken);
        }
        catch (MessageRefusedException refused) when (refused.IsTooLarge && customers.Length > 1)
        {
            await SendAsync(customers[..(customers.Length / 2)], cancellationToken);
            await SendAsync(customers[(customers.Length / 2)..], cancellationToken);
        }
    }
}
