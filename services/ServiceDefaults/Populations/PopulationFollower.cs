using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Processing.Populations;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.ServiceDefaults.Hosting;

namespace TaggingPipeline.ServiceDefaults.Populations;

/// <summary>Puts the latest recorded snapshot of the population in force: before anything is decided, and within a second of its being recorded.</summary>
public sealed class PopulationFollower(IPopulationSnapshots snapshots, CurrentRulebook current, ILogger<PopulationFollower> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan PauseAtStart = TimeSpan.FromSeconds(1);

    /// <remarks>Returns once the store was asked: customers who were decided without the snapshot would lose their scores, and get them back.</remarks>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await LookAsync(cancellationToken);
                break;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                Failed(exception);
                await Task.Delay(PauseAtStart, cancellationToken);
            }
        }

        await base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Recurring.RunAsync(Interval, LookAsync, Failed, stoppingToken);

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        if (await snapshots.LatestAsync(current.Population?.Number ?? 0, cancellationToken) is { } newer)
            current.Follow(newer);
    }

    private void Failed(Exception exception) => Log.PopulationNotFollowed(logger, exception);
}
