namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>The three services, each a process of its own, and of rule evaluation as many as wanted.</summary>
public sealed class DistributedServices(IReadOnlyDictionary<string, string?> settings, int evaluators) : IAsyncDisposable
{
    public HostProcess Ingestion { get; } = HostProcess.Of("Ingestion", settings);

    public IReadOnlyList<HostProcess> Evaluators { get; } = [.. Enumerable.Range(0, evaluators).Select(_ => HostProcess.Of("RuleEvaluation", settings))];

    public HostProcess Projection { get; } = HostProcess.Of("Projection", settings);

    public IReadOnlyList<HostProcess> All => [Ingestion, .. Evaluators, Projection];

    public HostProcess this[string service] => service switch
    {
        nameof(Ingestion) => Ingestion,
        "RuleEvaluation" => Evaluators[0],
        nameof(Projection) => Projection,
        _ => throw new ArgumentOutOfRangeException(nameof(service), service, "There is no such service."),
    };

    public static async Task<DistributedServices> StartAsync(IReadOnlyDictionary<string, string?> settings, int evaluators = 1)
    {
        var services = new DistributedServices(settings, evaluators);
        await Task.WhenAll(services.All.Select(service => service.StartAsync()));
        return services;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in All)
            await service.DisposeAsync();
    }
}
