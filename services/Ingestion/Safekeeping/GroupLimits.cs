namespace TaggingPipeline.Ingestion.Safekeeping;

/// <summary>How much a <see cref="GroupCommit{T}"/> takes at once, and for how long.</summary>
internal sealed record GroupLimits
{
    /// <summary>Of one message.</summary>
    public int Items { get; init; } = 500;

    /// <summary>Of one message; a single item may be larger.</summary>
    public int Bytes { get; init; } = 256 * 1024;

    /// <summary>How many messages are on their way at once, each in a lane of its own. While one is, what comes into its lane gathers and shares the next.</summary>
    public int Lanes { get; init; } = 2;

    /// <summary>What may wait or be on its way before more is refused.</summary>
    public long PendingBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>How long a request waits to be told that its items are safe: shorter than the ten seconds that SDKs wait for an answer.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(8);
}
