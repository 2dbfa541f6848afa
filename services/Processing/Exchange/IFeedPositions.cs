namespace TaggingPipeline.Processing.Exchange;

/// <summary>How far readers of the feed have come that the pipeline itself has.</summary>
public interface IFeedPositions
{
    /// <returns>0 for a reader that is not known.</returns>
    Task<long> ReadAsync(string reader, CancellationToken cancellationToken);

    /// <summary>Stores how far a reader has come. A position below the stored one changes nothing: somebody else came further.</summary>
    Task AdvanceAsync(string reader, long position, CancellationToken cancellationToken);
}
