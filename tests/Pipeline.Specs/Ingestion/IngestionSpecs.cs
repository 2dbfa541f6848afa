using TaggingPipeline.Contracts;

namespace TaggingPipeline.Pipeline.Specs.Ingestion;

/// <summary>A running host for each test.</summary>
public abstract class IngestionSpecs
{
    private protected IngestionHost Host { get; private set; } = null!;

    private protected RecordingSender Sender => Host.Sender;

    [SetUp]
    public async Task StartAsync() => Host = await StartHostAsync();

    [TearDown]
    public async Task StopAsync() => await Host.DisposeAsync();

    private protected virtual Task<IngestionHost> StartHostAsync() => IngestionHost.StartAsync();

    /// <summary>The event that a request with one event leads to.</summary>
    private protected async Task<ShopEvent> AcceptedAsync(string path, string json)
    {
        var answer = await Host.TrackAsync(path, json);
        Assert.That(answer.Text, Does.Contain("accepted"));
        return Sender.Events.Single();
    }
}
