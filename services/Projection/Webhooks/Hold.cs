using System.Diagnostics;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>How long this process may deliver a subscription: until its lease runs out, unless that is renewed before. Thread-safe.</summary>
internal sealed class Hold : IDisposable
{
    private readonly CancellationTokenSource _lost = new();
    private readonly TimeSpan? _stay;
    private long _since;

    /// <summary>For ever: there is nobody to share with.</summary>
    public Hold()
    {
    }

    /// <param name="since">When the lease was asked for, as a timestamp of <see cref="Stopwatch"/>.</param>
    /// <param name="stay">How long it is to be relied on.</param>
    public Hold(long since, TimeSpan stay)
    {
        (_stay, _since) = (stay, since);
        Renew(since);
    }

    /// <summary>Cancelled when it is lost; it never comes back.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Whether it still stands by the clock: a timer may be late.</summary>
    public bool Stands()
    {
        if (_stay is { } stay && Stopwatch.GetElapsedTime(Volatile.Read(ref _since)) >= stay)
            _lost.Cancel();
        return !_lost.IsCancellationRequested;
    }

    public void Renew(long since)
    {
        if (_stay is not { } stay || !Stands())
            return;
        Volatile.Write(ref _since, since);
        _lost.CancelAfter(stay - Stopwatch.GetElapsedTime(since) is { Ticks: > 0 } left ? left : TimeSpan.Zero);
    }

    public void Dispose() => _lost.Dispose();
}
