namespace TaggingPipeline.Processing.Previews;

/// <summary>How thoroughly a rulebook is tried before it is published.</summary>
public sealed record PreviewOptions
{
    public const int MaxSample = 1_000_000;
    public const int MaxExamples = 100;

    /// <summary>About how many customers to look at, chosen by their ids alone; null for all, which is exact.</summary>
    public int? Sample { get; init; }

    /// <summary>How many customers to name, with the reason, for each way in which a tag or segment moves.</summary>
    public int Examples { get; init; } = 5;
}
