namespace TaggingPipeline.Pipeline.Specs.Doubles;

/// <summary>A clock that stands at one instant, and whose timers fire at once: whoever waits by it waits for nothing.</summary>
internal sealed class HurriedClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? TimeSpan.Zero : dueTime, period);
}
