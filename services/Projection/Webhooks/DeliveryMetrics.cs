using System.Diagnostics.Metrics;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>What deliveries count, over all subscriptions.</summary>
internal sealed class DeliveryMetrics
{
    private readonly Counter<long> _delivered;
    private readonly Counter<long> _failed;

    public DeliveryMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("TaggingPipeline.Projection");
        _delivered = meter.CreateCounter<long>("tagging.webhooks.delivered", "{request}", "Requests to subscribers that they took");
        _failed = meter.CreateCounter<long>("tagging.webhooks.failed", "{request}", "Requests to subscribers that failed");
    }

    public void Attempted(SendResult result) => (result.IsSuccess ? _delivered : _failed).Add(1);
}
