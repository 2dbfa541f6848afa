using NodaTime;

namespace TaggingPipeline.ServiceDefaults.Clocks;

/// <summary>A clock that stands still, for the evaluation of history. Timers and durations go on as usual.</summary>
public sealed class StandingClock(Instant instant) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => instant.ToDateTimeOffset();
}
