using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.RuleEvaluation;

/// <summary>Brings all customers under the rulebook in force: at start, and whenever it or its snapshot of the population is replaced.</summary>
internal sealed class Rollovers(RulebookRollover rollover, CurrentRulebook rulebook, ILogger<Rollovers> logger) : BackgroundService
{
    private static readonly TimeSpan PauseBeforeRest = TimeSpan.FromSeconds(2);

    /// <summary>An evaluator that took up the rulebook later may have decided customers of this one's share under the one before.</summary>
    private static readonly TimeSpan PauseBeforeNextLook = TimeSpan.FromSeconds(10);

    // One place is enough: a replacement that comes during a pass is seen by the next one.
    private readonly Channel<bool> _wanted = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private string? _through;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        rulebook.Replaced += Want;
        return base.StartAsync(cancellationToken);
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        rulebook.Replaced -= Want;
        return base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
            await UntilWantedAsync(await PassAsync(stoppingToken) ? PauseBeforeNextLook : PauseBeforeRest, stoppingToken);
    }

    /// <returns>Whether every customer is through.</returns>
    private async Task<bool> PassAsync(CancellationToken stoppingToken)
    {
        try
        {
            var target = rulebook.Value;
            var version = target.DecidesAs;
            var left = await rollover.RunAsync(stoppingToken);
            if (!ReferenceEquals(target, rulebook.Value))
                return false; // the next pass is of another one
            if (left > 0)
                Log.RolloverUnfinished(logger, version, left);
            else if (_through != version)
                Log.RulebookRolledOver(logger, version);
            _through = left == 0 ? version : null;
            return left == 0;
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            Log.RolloverFailed(logger, exception);
            return false;
        }
    }

    private async Task UntilWantedAsync(TimeSpan atMost, CancellationToken stoppingToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        patience.CancelAfter(atMost);
        try
        {
            await _wanted.Reader.ReadAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // nobody wanted it sooner
        }
    }

    private void Want(Rulebook _) => _wanted.Writer.TryWrite(true);
}
