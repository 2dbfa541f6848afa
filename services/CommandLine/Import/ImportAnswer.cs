namespace TaggingPipeline.CommandLine.Import;

/// <summary>What the server says to a batch: every event is accepted, known already, or rejected.</summary>
internal sealed record ImportAnswer
{
    public int Accepted { get; init; }

    public int Duplicate { get; init; }

    public int Rejected { get; init; }

    /// <summary>The rejected ones, with their reasons.</summary>
    public IReadOnlyList<ImportResult> Results { get; init; } = [];
}

/// <param name="Index">The event's position in the batch, from 0.</param>
internal sealed record ImportResult(int Index, string Code, string Reason);
