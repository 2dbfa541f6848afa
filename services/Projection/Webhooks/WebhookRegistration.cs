using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Subscriptions;
using TaggingPipeline.Projection.Changes;
using TaggingPipeline.Projection.Subscriptions;
using TaggingPipeline.ServiceDefaults.Settings;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>What delivers subscriptions, and what their routes need.</summary>
internal static class WebhookRegistration
{
    public static void AddWebhooks(this IServiceCollection services)
    {
        services.TryAddSingleton<WebhookOptions>();
        services.AddSingleton(provider => new AddressRules(
            [.. provider.GetRequiredService<IOptions<TaggingSettings>>().Value.WebhookRangeList().Select(range => IPNetwork.Parse(range))]));
        services.AddSingleton<WebhookConnections>();
        services.AddSingleton<DeliveryMetrics>();
        services.AddSingleton<SubscriptionsSignal>();
        services.AddSingleton(provider => new DeliveryServices(
            provider.GetRequiredService<IChangeFeed>(),
            provider.GetRequiredService<ICustomerViews>(),
            provider.GetRequiredService<ISubscriptions>(),
            provider.GetRequiredService<FeedSignal>(),
            provider.GetRequiredService<WebhookConnections>(),
            provider.GetRequiredService<WebhookOptions>(),
            provider.GetRequiredService<DeliveryMetrics>(),
            provider.GetRequiredService<ILogger<WebhookDeliveries>>()));
        services.AddSingleton<SubscriptionDesk>();
        services.AddHostedService<WebhookDeliveries>();
    }
}
