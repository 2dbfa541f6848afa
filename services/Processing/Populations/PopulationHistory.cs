using NodaTime;
using TaggingPipeline.Domain.Populations;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Processing.Populations;

/// <summary>Finds the snapshots of the population that were in force.</summary>
public sealed class PopulationHistory(IPopulationSnapshots snapshots)
{
    /// <summary>A rulebook with the snapshot that was in force at an instant (null: the one that is), if it scores by one and there was any.</summary>
    public async Task<Rulebook> AsOfAsync(Rulebook rulebook, Instant? at, CurrentRulebook current, CancellationToken cancellationToken)
    {
        if (rulebook.PopulationArguments.IsEmpty)
            return rulebook;
        if (at is null)
            return current.Population is { } inForce ? rulebook.With(inForce) : rulebook;
        return await FindAsync(at.Value, cancellationToken) is { } snapshot ? rulebook.With(snapshot) : rulebook.WithoutPopulation();
    }

    /// <summary>The latest snapshot that was taken by an instant; null if there was none.</summary>
    public async Task<PopulationSnapshot?> FindAsync(Instant at, CancellationToken cancellationToken)
    {
        var latest = await snapshots.LatestAsync(0, cancellationToken);
        if (latest is null || latest.TakenAt <= at)
            return latest;

        // They are numbered from 1 without gaps, and later ones were taken later.
        var (low, high, best) = (1L, latest.Number - 1, (PopulationSnapshot?)null);
        while (low <= high)
        {
            var middle = low + ((high - low) / 2);
            var snapshot = await snapshots.FindAsync(middle, cancellationToken);
            if (snapshot is null || snapshot.TakenAt > at)
                high = middle - 1;
            else
                (best, low) = (snapshot, middle + 1);
        }

        return best;
    }
}
