namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>Where the versions of the rulebook are kept, for ever. The latest is in force in every process.</summary>
public interface IRulebookVersions
{
    /// <summary>Appends a version, if its number is the one after the latest. Durable when it returns, and seen by whoever reads after that.</summary>
    /// <returns>False if it is not: nothing was done.</returns>
    Task<bool> AppendAsync(PublishedRulebook published, CancellationToken cancellationToken);

    /// <summary>The version with the largest number, if that is above the one given (0: any); null if there is none.</summary>
    Task<PublishedRulebook?> LatestAsync(long after, CancellationToken cancellationToken);

    /// <summary>The version with that number; null if there is none.</summary>
    Task<PublishedRulebook?> FindAsync(long number, CancellationToken cancellationToken);

    /// <summary>The latest version with that content; null if there is none.</summary>
    Task<RulebookVersion?> FindContentAsync(string contentHash, CancellationToken cancellationToken);

    /// <summary>Versions by descending number, from the one before the one given (null: from the latest).</summary>
    Task<IReadOnlyList<RulebookVersion>> ListAsync(long? before, int limit, CancellationToken cancellationToken);

    /// <summary>The number of the version whose roll-over is to wait; null if none is.</summary>
    Task<long?> PausedAsync(CancellationToken cancellationToken);

    /// <summary>Has the roll-over of a version wait, and of no other; null for none.</summary>
    Task PauseAsync(long? number, CancellationToken cancellationToken);
}
