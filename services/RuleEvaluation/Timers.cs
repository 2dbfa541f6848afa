using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.ServiceDefaults.Hosting;

namespace TaggingPipeline.RuleEvaluation;

/// <summary>Decides customers whose time has come, ten times a second.</summary>
internal sealed class Timers(DueEvaluator evaluator, EvaluationMetrics metrics, ILogger<Timers> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Recurring.RunAsync(Interval, PassAsync, Failed, stoppingToken);

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        var decided = await evaluator.RunAsync(cancellationToken);
        metrics.DueDecided(decided);
        if (decided.Saved > 0)
            Log.DueCustomersDecided(logger, decided.Saved);
    }

    private void Failed(Exception exception) => Log.TimerPassFailed(logger, exception);
}
