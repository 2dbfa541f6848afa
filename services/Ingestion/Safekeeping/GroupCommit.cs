using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace TaggingPipeline.Ingestion.Safekeeping;

/// <summary>Makes what many requests hand in safe together, because a message or a commit for each would cost more than all the rest.</summary>
/// <remarks>
/// There is no delay to wait for company: when nothing is on its way, an item leaves at once, and what comes in meanwhile leaves together.
/// A request's items may share messages with those of others, and more than one message's worth is split; the request is told when all are safe.
/// </remarks>
/// <param name="send">Returns when the items are safe; throws when they are not known to be.</param>
internal sealed class GroupCommit<T>(
    Func<IReadOnlyList<T>, CancellationToken, Task> send, GroupLimits limits, TimeProvider clock, ILogger<GroupCommit<T>> logger)
    : BackgroundService
{
    private readonly Channel<Share> _waiting = Channel.CreateUnbounded<Share>(new() { SingleReader = true });
    private readonly SemaphoreSlim _freeMessages = new(limits.Messages);
    private long _pendingBytes;

    /// <summary>Waits until the items are safe, or known not to be, or nobody should wait longer.</summary>
    public async Task<Keeping> KeepAsync(IReadOnlyList<Weighed<T>> items)
    {
        if (items.Count == 0)
            return Keeping.Safe;
        var shares = Split(items);
        if (!Reserve(shares))
            return Keeping.Full;

        // After the stop nothing is taken any more; what was taken before is still sent.
        foreach (var share in shares)
        {
            if (!_waiting.Writer.TryWrite(share))
                Finish(share, Keeping.Unavailable);
        }

        try
        {
            var kept = await Task.WhenAll(shares.Select(share => share.Kept)).WaitAsync(limits.Patience, clock);
            return kept.Max();
        }
        catch (TimeoutException)
        {
            foreach (var share in shares)
                share.Abandon();
            return Keeping.Unavailable;
        }
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        _waiting.Writer.TryComplete();
        return base.StopAsync(cancellationToken);
    }

    /// <remarks>Ends when the stop has closed the channel and all that was waiting is sent: each message has its own time limit.</remarks>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _waiting.Reader.WaitToReadAsync(CancellationToken.None))
        {
            await _freeMessages.WaitAsync(CancellationToken.None);
            _ = SendAsync(TakeWaiting());
        }

        for (var message = 0; message < limits.Messages; message++)
            await _freeMessages.WaitAsync(CancellationToken.None);
    }

    private List<Share> TakeWaiting()
    {
        var taken = new List<Share>();
        var items = 0;
        var bytes = 0;
        while (_waiting.Reader.TryPeek(out var next) && (taken.Count == 0 || (items + next.Items.Count <= limits.Items && bytes + next.Bytes <= limits.Bytes)))
        {
            _waiting.Reader.TryRead(out _);
            if (next.Kept.IsCompleted)
            {
                Finish(next, Keeping.Unavailable);
                continue;
            }

            items += next.Items.Count;
            bytes += next.Bytes;
            taken.Add(next);
        }

        return taken;
    }

    /// <remarks>Never throws, since nobody awaits it: whatever goes wrong is told to the requests.</remarks>
    private async Task SendAsync(List<Share> group)
    {
        await Task.Yield(); // the next group gathers while this one is serialised
        var kept = Keeping.Unavailable;
        var items = group.SelectMany(share => share.Items).ToList();
        try
        {
            using var outOfPatience = new CancellationTokenSource(limits.Patience, clock);
            if (items.Count > 0)
                await send(items, outOfPatience.Token);
            kept = Keeping.Safe;
        }
        catch (Exception exception)
        {
            Log.NotSafe(logger, exception, typeof(T).Name, items.Count);
        }

        _freeMessages.Release();
        foreach (var share in group)
            Finish(share, kept);
    }

    private List<Share> Split(IReadOnlyList<Weighed<T>> items)
    {
        var shares = new List<Share>();
        var share = new Share();
        foreach (var (item, bytes) in items)
        {
            if (share.Items.Count == limits.Items || (share.Items.Count > 0 && share.Bytes + bytes > limits.Bytes))
            {
                shares.Add(share);
                share = new Share();
            }

            share.Add(item, bytes);
        }

        shares.Add(share);
        return shares;
    }

    /// <remarks>Whoever comes while there is room gets all that it needs, so that something larger than the room passes too.</remarks>
    private bool Reserve(List<Share> shares)
    {
        long bytes = shares.Sum(share => share.Bytes);
        if (Interlocked.Add(ref _pendingBytes, bytes) - bytes < limits.PendingBytes)
            return true;
        Interlocked.Add(ref _pendingBytes, -bytes);
        return false;
    }

    private void Finish(Share share, Keeping kept)
    {
        Interlocked.Add(ref _pendingBytes, -share.Bytes);
        share.Finish(kept);
    }

    /// <summary>As much of a request's items as one message takes.</summary>
    private sealed class Share
    {
        private readonly TaskCompletionSource<Keeping> _kept = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<T> Items { get; } = [];

        public int Bytes { get; private set; }

        public Task<Keeping> Kept => _kept.Task;

        public void Add(T item, int bytes)
        {
            Items.Add(item);
            Bytes += bytes;
        }

        public void Finish(Keeping kept) => _kept.TrySetResult(kept);

        /// <summary>Nobody waits for it any more, so that it need not be sent if it has not been yet.</summary>
        public void Abandon() => _kept.TrySetResult(Keeping.Unavailable);
    }
}
