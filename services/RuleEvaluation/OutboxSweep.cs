using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.ServiceDefaults.Hosting;

namespace TaggingPipeline.RuleEvaluation;

/// <summary>Tells what a crash or a failed publication left in outboxes: at start, and then every few seconds.</summary>
internal sealed class OutboxSweep(ChangePublisher publisher, ILogger<OutboxSweep> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Recurring.RunAsync(Interval, PassAsync, Failed, stoppingToken);

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        var told = await publisher.SweepAsync(cancellationToken);
        if (told > 0)
            Log.OutboxesSwept(logger, told);
    }

    private void Failed(Exception exception) => Log.SweepFailed(logger, exception);
}
