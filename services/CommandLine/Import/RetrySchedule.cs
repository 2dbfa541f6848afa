namespace TaggingPipeline.CommandLine.Import;

/// <summary>How long to wait before trying again, and when to give up.</summary>
/// <param name="First">Before the second attempt; doubled for each further one.</param>
internal sealed record RetrySchedule(TimeSpan First, TimeSpan Longest, int Attempts)
{
    /// <summary>About a minute altogether.</summary>
    public static RetrySchedule Usual { get; } = new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(15), 10);

    /// <param name="attempt">The attempt that failed, from 1.</param>
    /// <param name="asked">How long the server asks to wait, which counts up to a minute.</param>
    /// <returns>Null to give up.</returns>
    public TimeSpan? DelayAfter(int attempt, TimeSpan? asked)
    {
        if (attempt >= Attempts)
            return null;
        var doubled = First * Math.Pow(2, attempt - 1);
        var own = doubled < Longest ? doubled : Longest;
        return asked > own ? TimeSpan.FromTicks(Math.Min(asked.Value.Ticks, TimeSpan.TicksPerMinute)) : own;
    }
}
