namespace TaggingPipeline.Ingestion.Access;

/// <summary>How many events a second each key may send.</summary>
/// <param name="eventsPerSecond">0 for no limit.</param>
/// <remarks>
/// A key saves up one second's worth at most. Whoever has anything left may send, however much it is, and then waits until the debt is paid:
/// so a batch larger than the limit still passes, and the average holds.
/// </remarks>
internal sealed class RateLimit(int eventsPerSecond, int keys, TimeProvider clock)
{
    private readonly Allowance[] _allowances = [.. Enumerable.Range(0, keys).Select(_ => new Allowance(eventsPerSecond, clock.GetTimestamp()))];

    /// <summary>Takes the events off what the key may send; when it may send nothing now, how long until it may.</summary>
    public TimeSpan? Exceeded(int key, int events)
    {
        if (eventsPerSecond == 0)
            return null;
        var allowance = _allowances[key];
        lock (allowance)
        {
            var now = clock.GetTimestamp();
            var earned = clock.GetElapsedTime(allowance.ReadAt, now).TotalSeconds * eventsPerSecond;
            allowance.Events = Math.Min(eventsPerSecond, allowance.Events + earned);
            allowance.ReadAt = now;
            if (allowance.Events < 1)
                return TimeSpan.FromSeconds((1 - allowance.Events) / eventsPerSecond);
            allowance.Events -= events;
            return null;
        }
    }

    private sealed class Allowance(double events, long readAt)
    {
        public double Events { get; set; } = events;

        public long ReadAt { get; set; } = readAt;
    }
}
