namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>The three services, each a process of its own.</summary>
public sealed class DistributedServices(IReadOnlyDictionary<string, string?> settings) : IAsyncDisposable
{
    public HostProcess Ingestion { get; } = HostProcess.Of("Ingestion", settings);

    public HostProcess RuleEvaluation { get; } = HostProcess.Of("RuleEvaluation", settings);

    public HostProcess Projection { get; } = HostProcess.Of("Projection", settings);

    public HostProcess this[string service] => service switch
    {
        nameof(Ingestion) => Ingestion,
        nameof(RuleEvaluation) => RuleEvaluation,
        nameof(Projection) => Projection,
        _ => throw new ArgumentOutOfRangeException(nameof(service), service, "There is no such service."),
    };

    public static async Task<DistributedServices> StartAsync(IReadOnlyDictionary<string, string?> settings)
    {
        var services = new DistributedServices(settings);
        await Task.WhenAll(services.Ingestion.StartAsync(), services.RuleEvaluation.StartAsync(), services.Projection.StartAsync());
        return services;
    }

    public async ValueTask DisposeAsync()
    {
        await Ingestion.DisposeAsync();
        await RuleEvaluation.DisposeAsync();
        await Projection.DisposeAsync();
    }
}
