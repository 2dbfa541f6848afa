using Microsoft.Extensions.Logging;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Ingestion.Safekeeping;

/// <summary>Makes accepted and rejected events safe: the ones on their way to evaluation, the others on their way to where they are kept aside.</summary>
internal sealed class SafeEvents(GroupCommit<ShopEvent> accepted, GroupCommit<RejectedEvent> rejected)
{
    /// <summary>Safe only when all are.</summary>
    public async Task<Keeping> KeepAsync(IReadOnlyList<Weighed<ShopEvent>> events, IReadOnlyList<Weighed<RejectedEvent>> rejections)
    {
        if (rejections.Count == 0)
            return await accepted.KeepAsync(events);
        var kept = await Task.WhenAll(accepted.KeepAsync(events), rejected.KeepAsync(rejections));
        return kept.Max();
    }

    public static Weighed<RejectedEvent> Weigh(RejectedEvent rejection) => new(rejection, (2 * (rejection.Payload.Length + (rejection.Request?.Length ?? 0))) + 500);

    /// <remarks>A customer's events take one lane: so no two messages are on their way that need the same document. Where customers have queues by partition, a lane has one queue.</remarks>
    public static GroupCommit<ShopEvent> Accepted(
        ISafeSender sender, EventQueues queues, GroupLimits limits, TimeProvider clock, ILogger<GroupCommit<ShopEvent>> logger)
    {
        var lanes = queues.ArePartitioned ? CustomerPartition.Count : limits.Lanes;
        return new(
            (events, cancellationToken) => sender.SendAsync(queues.Of(events[0].CustomerId), ByCustomer(events), cancellationToken),
            each => CustomerPartition.Of(each.CustomerId) % lanes, limits with { Lanes = lanes }, clock, logger);
    }

    /// <remarks>Half the room of accepted events: a flood of rejected ones is refused before it crowds them out.</remarks>
    public static GroupCommit<RejectedEvent> Rejected(ISafeSender sender, GroupLimits limits, TimeProvider clock, ILogger<GroupCommit<RejectedEvent>> logger) =>
        new((events, cancellationToken) => sender.SendAsync(QueueNames.Rejections, new EventsRejected { Events = events }, cancellationToken),
            _ => 0, limits with { PendingBytes = limits.PendingBytes / 2, Lanes = 1 }, clock, logger);

    /// <remarks>Events of a customer side by side, in the order they came.</remarks>
    private static EventBatch ByCustomer(IReadOnlyList<ShopEvent> events) =>
        new() { Events = [.. events.OrderBy(each => each.CustomerId, StringComparer.Ordinal)] };
}
