using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Contracts;
using TaggingPipeline.Ingestion.Access;
using TaggingPipeline.Ingestion.Import;
using TaggingPipeline.Ingestion.Safekeeping;
using TaggingPipeline.Ingestion.Tracking;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Ingestion;

/// <summary>What a host does to take events over HTTP.</summary>
public static class IngestionRegistration
{
    /// <summary>Adds what the endpoints need.</summary>
    /// <remarks>
    /// The host provides <see cref="ISafeSender"/>, <see cref="EventQueues"/> and <c>IOptions&lt;TaggingSettings&gt;</c>, and an <c>IJournal</c> where there is one to ask for duplicates.
    /// Add it after the bus: it is then stopped before the bus, and what it has taken is still sent.
    /// </remarks>
    public static IServiceCollection AddIngestion(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<GroupLimits>();
        services.TryAddSingleton<IngestionMetrics>();
        services.TryAddSingleton<AccessKeys>();
        services.TryAddSingleton<SafeEvents>();
        services.TryAddSingleton<TrackingRequests>();
        services.TryAddSingleton<ImportRequests>();
        AddGroups(services, provider => SafeEvents.Accepted(
            provider.GetRequiredService<ISafeSender>(),
            provider.GetRequiredService<EventQueues>(),
            provider.GetRequiredService<GroupLimits>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<GroupCommit<ShopEvent>>>()));
        AddGroups(services, provider => SafeEvents.Rejected(
            provider.GetRequiredService<ISafeSender>(),
            provider.GetRequiredService<GroupLimits>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<GroupCommit<RejectedEvent>>>()));
        return services;
    }

    /// <summary>Maps <c>/v1/…</c> and <c>POST /api/import</c>.</summary>
    public static IEndpointRouteBuilder MapIngestion(this IEndpointRouteBuilder endpoints)
    {
        TrackingEndpoints.Map(endpoints);
        endpoints.MapPost("/api/import", (HttpContext context, ImportRequests requests, CancellationToken cancellationToken) =>
                requests.HandleAsync(context, cancellationToken))
            .WithName("ImportEvents")
            .WithSummary("Takes recorded events in bulk: a JSON array, or one JSON object a line; up to 5,000 events and 5 MB.");
        return endpoints;
    }

    private static void AddGroups<T>(IServiceCollection services, Func<IServiceProvider, GroupCommit<T>> create)
    {
        services.TryAddSingleton(create);
        services.AddHostedService(provider => provider.GetRequiredService<GroupCommit<T>>());
    }
}
