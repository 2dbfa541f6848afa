using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Projection.Rulebooks;

/// <summary>Rolls segments over when the process starts, and whenever another rulebook comes into force.</summary>
public sealed class SegmentRolloverService(SegmentRollover rollover, CurrentRulebook current, TimeProvider clock, ILogger<SegmentRolloverService> log)
    : BackgroundService
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);

    /// <summary>A process that took up the rulebook later may have saved views under the one before, and be gone since.</summary>
    private static readonly TimeSpan PauseBeforeNextLook = TimeSpan.FromSeconds(10);

    /// <summary>Customers' tags come over first, some thousand in a second.</summary>
    private static readonly TimeSpan PauseWhileWaiting = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _due = new(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        current.Replaced += OnReplaced;
        try
        {
            while (true)
            {
                await _due.WaitAsync(rollover.IsWaiting ? PauseWhileWaiting : PauseBeforeNextLook, stoppingToken);
                await RollOverAsync(stoppingToken);
            }
        }
        finally
        {
            current.Replaced -= OnReplaced;
        }
    }

    public override void Dispose()
    {
        _due.Dispose();
        base.Dispose();
    }

    private async Task RollOverAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                var rolled = await rollover.RunAsync(stoppingToken);
                if (rolled > 0)
                    Log.SegmentsRolledOver(log, current.Value.Version, rolled);
                return;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever the store failed with, the views wait for their segments: it has to be tried until it is done.
                Log.RolloverFailed(log, exception, PauseAfterFailure.TotalSeconds);
                await Task.Delay(PauseAfterFailure, clock, stoppingToken);
            }
        }
    }

    private void OnReplaced(Rulebook rulebook) => _due.Release();
}
