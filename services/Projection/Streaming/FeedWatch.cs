using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Projection.Changes;

namespace TaggingPipeline.Projection.Streaming;

/// <summary>Has readers of the feed wait until something new is in it, whichever process appended that.</summary>
/// <remarks>
/// One look at the store serves all who wait, and nobody looks while nobody waits. What this process appends is seen at once, what others append at the next look.
/// </remarks>
internal sealed class FeedWatch(IChangeFeed feed, FeedSignal signal, ILogger<FeedWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _nudge = new(0, 1);
    private TaskCompletionSource _grown = NewSource();
    private long _newest;
    private int _waiting;

    /// <summary>Returns when the feed has grown beyond a position, or the time is over.</summary>
    /// <returns>The newest position that is known, which may be smaller than <paramref name="after"/> when the time is over.</returns>
    public async Task<long> WaitAsync(long after, TimeSpan within, CancellationToken cancellationToken)
    {
        Task grown;
        lock (_gate)
        {
            if (_newest > after)
                return _newest;
            grown = _grown.Task;
            _waiting++;
        }

        try
        {
            Nudge();
            await grown.WaitAsync(within, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            lock (_gate)
                return _newest;
        }
        finally
        {
            lock (_gate)
                _waiting--;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        signal.Grown += Nudge;
        try
        {
            while (true)
            {
                await _nudge.WaitAsync(IsAnyoneWaiting() ? Interval : Timeout.InfiniteTimeSpan, stoppingToken);
                await LookAsync(stoppingToken);
            }
        }
        finally
        {
            signal.Grown -= Nudge;
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        try
        {
            var newest = await feed.NewestPositionAsync(stoppingToken);
            TaskCompletionSource grown;
            lock (_gate)
            {
                if (newest <= _newest)
                    return;
                (_newest, grown, _grown) = (newest, _grown, NewSource());
            }

            grown.SetResult();
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            Log.FeedNotRead(logger, failure, PauseAfterFailure.TotalSeconds);
            await Task.Delay(PauseAfterFailure, stoppingToken);
        }
    }

    private bool IsAnyoneWaiting()
    {
        lock (_gate)
            return _waiting > 0;
    }

    private void Nudge()
    {
        lock (_gate)
        {
            if (_nudge.CurrentCount == 0)
                _nudge.Release();
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override void Dispose()
    {
        base.Dispose();
        _nudge.Dispose();
    }
}
