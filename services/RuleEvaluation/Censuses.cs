using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Populations;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.ServiceDefaults.Hosting;

namespace TaggingPipeline.RuleEvaluation;

/// <summary>Looks every second whether a snapshot of the population is to be taken.</summary>
internal sealed class Censuses(PopulationCensus census, CurrentShare share, CurrentRulebook rulebook, ILogger<Censuses> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>How many times as long as it took one waits after reading all customers for nothing.</summary>
    private const int PauseAfterNothing = 20;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Recurring.RunAsync(Interval, PassAsync, Failed, stoppingToken);

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        var outcome = await census.TakeIfDueAsync(share.Value, cancellationToken);
        if (outcome == CensusOutcome.Taken)
            Log.SnapshotTaken(logger, rulebook.Value.DecidesAs);
        else if (outcome is CensusOutcome.Nobody or CensusOutcome.Unfinished)
            await Task.Delay(Stopwatch.GetElapsedTime(begun) * PauseAfterNothing, cancellationToken);
    }

    private void Failed(Exception exception) => Log.CensusFailed(logger, exception);
}
