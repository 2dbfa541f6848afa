using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;
using TaggingPipeline.Processing.Leases;
using TaggingPipeline.Processing.Replays;
using TaggingPipeline.ServiceDefaults.Hosting;

namespace TaggingPipeline.RuleEvaluation.Replays;

/// <summary>Carries out the replays that are asked for, one after another: of several processes the one that has the lease.</summary>
/// <remarks>
/// When that one crashes, another goes on from the position that was stored last, once the lease has run out. Should both be at work for a moment, the elder notices at its
/// next save; what both wrote is the same.
/// </remarks>
internal sealed class ReplayService(IReplays replays, ILeases leases, ReplayRunner runner, TimeProvider clock, ILogger<ReplayService> logger) : BackgroundService
{
    private const string Lease = "replays";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Stay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(2);

    /// <summary>A replay that fails so often without coming on is given up.</summary>
    private const int MostFailures = 5;

    private readonly string _id = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():n}";

    private (string? Replay, string? Position, int Count) _failed;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await leases.ReleaseAsync([Lease], _id, cancellationToken).WaitAsync(Stay, cancellationToken);
        }
        catch (Exception failure)
        {
            Log.ReplaysNotLookedAfter(logger, failure); // the lease runs out by itself
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Recurring.RunAsync(Interval, PassAsync, Failed, stoppingToken);

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        var open = await replays.ListOpenAsync(cancellationToken);
        var next = open.FirstOrDefault(run => run.State == ReplayState.Running) ?? open.FirstOrDefault(run => run.State == ReplayState.Queued);
        if (next is null || !await TakeAsync(cancellationToken))
            return;

        // Read again: whoever had the lease before may have gone on with it since.
        if (await replays.FindAsync(next.Id, cancellationToken) is { State: ReplayState.Queued or ReplayState.Running } run)
            await CarryOutAsync(run, cancellationToken);
    }

    private async Task CarryOutAsync(ReplayRun run, CancellationToken cancellationToken)
    {
        Log.ReplayTakenUp(logger, run.Id, run.Position is null ? "the beginning" : "where it was left");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var renewing = RenewAsync(stop);
        try
        {
            var ended = await runner.RunAsync(run, stop.Token);
            Log.ReplayLeft(logger, run.Id, ended.State, ended.Report.Customers, ended.Report.Different, ended.Report.Written, ended.Report.LeftForLater);
        }
        catch (OvertakenReplayException)
        {
            Log.ReplayOvertaken(logger, run.Id);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            Log.ReplayOvertaken(logger, run.Id); // the lease was lost
        }
        catch (Exception failure) when (!stop.IsCancellationRequested)
        {
            Log.ReplayInterrupted(logger, failure, run.Id);
            await GiveUpIfStuckAsync(run, failure, cancellationToken);
        }
        finally
        {
            await stop.CancelAsync();
            await renewing;
        }
    }

    /// <summary>A store that is away for a moment is no reason to give up; an event that cannot be read is one.</summary>
    private async Task GiveUpIfStuckAsync(ReplayRun run, Exception failure, CancellationToken cancellationToken)
    {
        await Task.Delay(PauseAfterFailure, cancellationToken);
        if (await replays.FindAsync(run.Id, cancellationToken) is not { IsOver: false } stored)
            return;
        _failed = (stored.Id, stored.Position) == (_failed.Replay, _failed.Position) ? _failed with { Count = _failed.Count + 1 } : (stored.Id, stored.Position, 1);
        if (_failed.Count >= MostFailures)
            await replays.SaveAsync(stored with { Version = stored.Version + 1, State = ReplayState.Failed, Failure = failure.GetBaseException().Message, EndedAt = Instant.FromDateTimeOffset(clock.GetUtcNow()) }, cancellationToken);
    }

    /// <summary>Keeps the lease, and stops the work when that fails for longer than the lease stays.</summary>
    private async Task RenewAsync(CancellationTokenSource stop)
    {
        var failures = 0;
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(Stay / 5, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
                return;
            try
            {
                failures = await TakeAsync(stop.Token) ? 0 : int.MaxValue;
            }
            catch (Exception failure) when (!stop.IsCancellationRequested)
            {
                Log.ReplaysNotLookedAfter(logger, failure);
                failures++;
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (failures >= 4)
                await stop.CancelAsync();
        }
    }

    private async Task<bool> TakeAsync(CancellationToken cancellationToken) => (await leases.TakeAsync([Lease], _id, Stay, cancellationToken)).Count > 0;

    private void Failed(Exception exception) => Log.ReplaysNotLookedAfter(logger, exception);
}
