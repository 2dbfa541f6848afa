using Microsoft.Extensions.Diagnostics.HealthChecks;
using TaggingPipeline.Processing.Customers;

namespace TaggingPipeline.ServiceDefaults.Health;

/// <summary>Whether the store answers.</summary>
internal sealed class StoreHealth(ICustomerDocuments documents) : IHealthCheck
{
    /// <remarks>What the store throws is reported as unhealthy by the framework, which also logs it.</remarks>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await documents.ScanAsync(after: null, limit: 1, cancellationToken);
        return HealthCheckResult.Healthy();
    }
}
