using TaggingPipeline.Ingestion;
using TaggingPipeline.Projection;
using TaggingPipeline.Projection.Queries;
using TaggingPipeline.RuleEvaluation;
using TaggingPipeline.ServiceDefaults.Hosting;

namespace TaggingPipeline.Standalone;

/// <summary>The three services in one process.</summary>
public static class StandaloneHost
{
    /// <summary>Runs until the process is asked to end (SIGTERM, Ctrl+C) or the token is cancelled.</summary>
    /// <param name="settings">By the names of the settings' properties; a null leaves a setting to environment, configuration and default.</param>
    /// <returns>The exit code: 0 when it was asked to end, 2 for wrong settings, 1 if it cannot start for another reason. Standard error says what is wrong.</returns>
    public static Task<int> RunAsync(IReadOnlyDictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        var plan = new HostPlan
        {
            Name = "The tagging pipeline",
            AddServices = services => services.AddIngestion().AddRuleEvaluation().AddProjection(),
            AddConsumers = bus =>
            {
                bus.AddRuleEvaluation();
                bus.AddProjectionConsumers();
            },
            MapEndpoints = endpoints =>
            {
                endpoints.MapIngestion();
                endpoints.MapQueries();
            },
            Greet = Greeting.Write,
        };
        return TaggingHost.RunAsync(plan, settings, cancellationToken);
    }
}
