using NodaTime;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

/// <summary>A clock that stands still.</summary>
internal sealed class FixedClock(Instant now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now.ToDateTimeOffset();
}
