using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.RuleEvaluation;

/// <summary>Brings all customers under the rulebook in force: at start, and whenever it is replaced.</summary>
internal sealed class Rollovers(RulebookRollover rollover, CurrentRulebook rulebook, ILogger<Rollovers> logger) : BackgroundService
{
    private static readonly TimeSpan PauseBeforeRest = TimeSpan.FromSeconds(2);

    // One place is enough: a replacement that comes during a pass is seen by the next one.
    private readonly Channel<bool> _wanted = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        rulebook.Replaced += Want;
        Want(rulebook.Value);
        return base.StartAsync(cancellationToken);
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        rulebook.Replaced -= Want;
        return base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var _ in _wanted.Reader.ReadAllAsync(stoppingToken))
        {
            if (!await PassAsync(stoppingToken))
            {
                await Task.Delay(PauseBeforeRest, stoppingToken);
                Want(rulebook.Value);
            }
        }
    }

    /// <returns>Whether every customer is through.</returns>
    private async Task<bool> PassAsync(CancellationToken stoppingToken)
    {
        try
        {
            var left = await rollover.RunAsync(stoppingToken);
            if (left == 0)
                Log.RulebookRolledOver(logger, rulebook.Value.Version);
            else
                Log.RolloverUnfinished(logger, rulebook.Value.Version, left);
            return left == 0;
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            Log.RolloverFailed(logger, exception);
            return false;
        }
    }

    private void Want(Rulebook _) => _wanted.Writer.TryWrite(true);
}
