using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TaggingPipeline.ServiceDefaults.Metrics;

namespace TaggingPipeline.ServiceDefaults.Health;

/// <summary>How a host tells how it is.</summary>
public static class HealthEndpoints
{
    /// <summary>Checks without which a host is not ready have this tag, as MassTransit gives it to that of its bus.</summary>
    internal const string Ready = "ready";

    /// <param name="withStore">The host uses the store, and is ready only while the store answers.</param>
    public static IServiceCollection AddHealth(this IServiceCollection services, bool withStore)
    {
        var checks = services.AddHealthChecks();
        if (withStore)
            checks.AddCheck<StoreHealth>("store", tags: [Ready], timeout: TimeSpan.FromSeconds(5));
        return services.AddSingleton<ProcessMetrics>();
    }

    /// <summary>
    /// <c>/health/live</c>: 200 while the process answers at all. <c>/health/ready</c>: 200 while the store and the bus do, otherwise 503, and how each of
    /// them is. <c>/metrics</c>: the process's own meters.
    /// </summary>
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.ServiceProvider.GetRequiredService<ProcessMetrics>(); // counts from now on, not from the first time that somebody looks
        endpoints.MapHealthChecks("/health/live", new() { Predicate = _ => false, ResponseWriter = WriteAsync });
        endpoints.MapHealthChecks("/health/ready", new()
        {
            Predicate = check => check.Tags.Contains(Ready),
            ResponseWriter = WriteAsync,
            ResultStatusCodes =
            {
                [HealthStatus.Healthy] = StatusCodes.Status200OK,
                [HealthStatus.Degraded] = StatusCodes.Status503ServiceUnavailable,
                [HealthStatus.Unhealthy] = StatusCodes.Status503ServiceUnavailable,
            },
        });
        endpoints.MapGet("/metrics", (ProcessMetrics metrics) => Results.Text(metrics.Write(), ProcessMetrics.ContentType)).ExcludeFromDescription();
    }

    private static Task WriteAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(new
    {
        status = Name(report.Status),
        checks = report.Entries.ToDictionary(entry => entry.Key, entry => Name(entry.Value.Status)),
    });

    private static string Name(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}
