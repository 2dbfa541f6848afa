namespace TaggingPipeline.Standalone;

/// <summary>Placeholder: gives way to the real host when that is merged.</summary>
public static class StandaloneHost
{
    public static Task<int> RunAsync(IReadOnlyDictionary<string, string?> settings, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
