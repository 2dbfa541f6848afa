using Microsoft.Extensions.Logging;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Subscriptions;
using TaggingPipeline.Projection.Changes;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>What deliveries need, the same for all subscriptions.</summary>
internal sealed record DeliveryServices(
    IChangeFeed Feed, ICustomerViews Views, ISubscriptions Subscriptions, FeedSignal Signal, WebhookConnections Connections, WebhookOptions Options, DeliveryMetrics Metrics, ILogger Logger);
