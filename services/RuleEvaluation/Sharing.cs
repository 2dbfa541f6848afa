using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.RuleEvaluation;

/// <summary>Keeps this process signed in among the evaluators, and takes the share of the customers that falls to it.</summary>
/// <remarks>
/// When one crashes, the others divide its share as soon as its stay is over. Whoever fails to sign in gives its share up at that moment, since the others then
/// take it, and without a store nothing can be evaluated. A store that is slow to answer changes nothing: two who read one queue for a while do no harm.
/// Within one process there is nobody to share with. On the machine's timer, not the pipeline's clock: that one may stand still.
/// </remarks>
internal sealed class Sharing(IEvaluatorRoster roster, CurrentShare share, EventQueues queues, ILogger<Sharing> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Stay = TimeSpan.FromSeconds(3);

    /// <summary>A store that has not answered by then counts as away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly string _id = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():n}";

    /// <remarks>Services stop in the opposite order of their start: by now nothing of this one's share is at work here any more.</remarks>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (!queues.ArePartitioned)
            return;
        share.Replace(WorkShare.Nothing);
        try
        {
            await roster.SignOutAsync(_id, cancellationToken).WaitAsync(Stay, cancellationToken);
        }
        catch (Exception failure)
        {
            Log.SignOutFailed(logger, failure);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!queues.ArePartitioned)
            return;
        long? signedInAt = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            var begun = Stopwatch.GetTimestamp();
            try
            {
                var signedIn = await roster.SignInAsync(_id, Stay, stoppingToken).WaitAsync(Patience, stoppingToken);
                signedInAt = begun;
                Take(WorkShare.Of(_id, signedIn), signedIn.Count);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                Log.SignInFailed(logger, failure);
                if (signedInAt is not { } since || Stopwatch.GetElapsedTime(since) >= Stay)
                    Take(WorkShare.Nothing, 0);
            }

            await Task.Delay(Interval, stoppingToken);
        }
    }

    private void Take(WorkShare taken, int evaluators)
    {
        if (taken == share.Value)
            return;
        Log.ShareTaken(logger, taken.ToString(), evaluators);
        share.Replace(taken);
    }
}
