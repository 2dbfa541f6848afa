using TaggingPipeline.Domain.Populations;

namespace TaggingPipeline.Processing.Populations;

/// <summary>Where snapshots of the population are recorded, for ever.</summary>
public interface IPopulationSnapshots
{
    /// <summary>Records a snapshot under its number. Durable when it returns.</summary>
    /// <returns>False if a snapshot with that number is there already: that one stays as it is.</returns>
    Task<bool> AppendAsync(PopulationSnapshot snapshot, CancellationToken cancellationToken);

    /// <summary>The snapshot with the largest number, if that is above the one given (0: any); null if there is none.</summary>
    Task<PopulationSnapshot?> LatestAsync(long after, CancellationToken cancellationToken);

    /// <summary>The snapshot with that number; null if there is none.</summary>
    Task<PopulationSnapshot?> FindAsync(long number, CancellationToken cancellationToken);
}
