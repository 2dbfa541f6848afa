using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.ServiceDefaults.Hosting;

namespace TaggingPipeline.Projection.Changes;

/// <summary>Brings into the feed what a crash has kept from it: at start, and then every few seconds.</summary>
/// <remarks>A message that comes again does so too; but not every commit is a message's, and not every message comes again soon.</remarks>
internal sealed class UnfinishedCommits(ICustomerViews views, ILogger<UnfinishedCommits> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Recurring.RunAsync(Interval, views.FinishAsync, Failed, stoppingToken);

    private void Failed(Exception exception) => Log.FinishingFailed(logger, exception);
}
