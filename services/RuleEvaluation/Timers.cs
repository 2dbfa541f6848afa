using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.ServiceDefaults.Hosting;

namespace TaggingPipeline.RuleEvaluation;

/// <summary>Decides customers whose time has come, ten times a second.</summary>
internal sealed class Timers(DueEvaluator evaluator, ILogger<Timers> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Recurring.RunAsync(Interval, PassAsync, Failed, stoppingToken);

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        var decided = await evaluator.RunAsync(cancellationToken);
        if (decided > 0)
            Log.DueCustomersDecided(logger, decided);
    }

    private void Failed(Exception exception) => Log.TimerPassFailed(logger, exception);
}
