using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Projection;

/// <summary>A server of queries whose rulebook was published to its store.</summary>
internal static class PublishedServer
{
    public static Task<QueryServer> StartAsync(string content) => QueryServer.StartAsync(
        RulebookFile.Compile(content).Rulebook!,
        services => services
            .AddSingleton(provider => new CurrentRulebook(provider.GetRequiredService<IRulebookVersions>()))
            .AddHostedService(provider => new FirstVersion(content, provider.GetRequiredService<IRulebookVersions>(), provider.GetRequiredService<CurrentRulebook>())));

    private sealed class FirstVersion(string content, IRulebookVersions versions, CurrentRulebook current) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            var proposed = new ProposedRulebook(content, RulebookFile.Compile(content).Rulebook!, "file", "", RulebookVersion.OfFile);
            await new RulebookPublisher(versions, current, new Doubles.HurriedClock(ToldCustomer.Start)).PublishAsync(proposed, null, cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
