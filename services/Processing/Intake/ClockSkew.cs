namespace TaggingPipeline.Processing.Intake;

/// <summary>Places an event in our time when the sender's clock is wrong.</summary>
internal static class ClockSkew
{
    /// <summary>When it happened, and whether the sender placed it later than it was received.</summary>
    /// <remarks>
    /// The sender's clock was wrong by about <c>receivedAt − sentAt</c>, so that much is added to its <c>timestamp</c>. All three lie within the
    /// years that events may have, so that the result is an instant; whether it is one that an event may have is checked with the event.
    /// </remarks>
    public static (DateTimeOffset OccurredAt, bool FromFuture) Correct(DateTimeOffset? timestamp, DateTimeOffset? sentAt, DateTimeOffset receivedAt)
    {
        if (timestamp is not { } given)
            return (receivedAt, false);
        var corrected = sentAt is { } sent ? receivedAt - (sent - given) : given;
        return corrected > receivedAt ? (receivedAt, true) : (corrected, false);
    }

    /// <summary>The clock's instant, in whole milliseconds as all instants of events are.</summary>
    public static DateTimeOffset Now(TimeProvider clock) => DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
}
