using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace TaggingPipeline.Ingestion.Safekeeping;

/// <summary>Makes what many requests hand in safe together, because a message or a commit for each would cost more than all the rest.</summary>
/// <remarks>
/// There is no delay to wait for company: when nothing is on its way in a lane, an item leaves at once, and what comes in meanwhile leaves together.
/// A request's items may share messages with those of others, and are split by lane and by what one message takes; the request is told when all are safe.
/// </remarks>
/// <param name="send">Returns when the items are safe; throws when they are not known to be.</param>
/// <param name="owner">Items of one owner take one lane, and of a lane one message at a time is on its way: so messages on their way never need the same document.</param>
internal sealed class GroupCommit<T>(
    Func<IReadOnlyList<T>, CancellationToken, Task> send, Func<T, string> owner, GroupLimits limits, TimeProvider clock, ILogger<GroupCommit<T>> logger)
    : BackgroundService
{
    private readonly Channel<Share>[] _lanes = [.. Enumerable.Range(0, limits.Lanes).Select(_ => Channel.CreateUnbounded<Share>(new() { SingleReader = true }))];
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
            if (!_lanes[share.Lane].Writer.TryWrite(share))
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
        foreach (var lane in _lanes)
            lane.Writer.TryComplete();
        return base.StopAsync(cancellationToken);
    }

    /// <remarks>Ends when the stop has closed the lanes and all that was waiting is sent: each message has its own time limit.</remarks>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(_lanes.Select(lane => SendAllAsync(lane.Reader)));

    private async Task SendAllAsync(ChannelReader<Share> waiting)
    {
        while (await waiting.WaitToReadAsync(CancellationToken.None))
            await SendAsync(TakeWaiting(waiting));
    }

    private List<Share> TakeWaiting(ChannelReader<Share> waiting)
    {
        var taken = new List<Share>();
        var items = 0;
        var bytes = 0;
        while (waiting.TryPeek(out var next) && (taken.Count == 0 || (items + next.Items.Count <= limits.Items && bytes + next.Bytes <= limits.Bytes)))
        {
            waiting.TryRead(out _);
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

    /// <remarks>Never throws: whatever goes wrong is told to the requests.</remarks>
    private async Task SendAsync(List<Share> group)
    {
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

        foreach (var share in group)
            Finish(share, kept);
    }

    private List<Share> Split(IReadOnlyList<Weighed<T>> items)
    {
        var shares = new List<Share>(_lanes.Length);
        var open = new Share?[_lanes.Length];
        foreach (var (item, bytes) in items)
        {
            var lane = (int)((uint)owner(item).GetHashCode(StringComparison.Ordinal) % (uint)open.Length);
            if (open[lane] is not { } share || share.Items.Count == limits.Items || share.Bytes + bytes > limits.Bytes)
                shares.Add(open[lane] = share = new Share(lane));
            share.Add(item, bytes);
        }

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
    private sealed class Share(int lane)
    {
        private readonly TaskCompletionSource<Keeping> _kept = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Lane => lane;

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
