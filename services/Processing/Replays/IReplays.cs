namespace TaggingPipeline.Processing.Replays;

/// <summary>Where replays are kept, those that are over too.</summary>
public interface IReplays
{
    /// <summary>Saves a replay if the stored one has the version before its own; none is stored before version 1. Durable when it returns.</summary>
    /// <returns>Whether it was saved.</returns>
    Task<bool> SaveAsync(ReplayRun run, CancellationToken cancellationToken);

    /// <returns>Null if there is none with that id.</returns>
    Task<ReplayRun?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>The latest, by descending instant of creation, then by descending id in the order of UTF-8.</summary>
    Task<IReadOnlyList<ReplayRun>> ListAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Those that are not over, by ascending instant of creation, then id.</summary>
    Task<IReadOnlyList<ReplayRun>> ListOpenAsync(CancellationToken cancellationToken);
}
