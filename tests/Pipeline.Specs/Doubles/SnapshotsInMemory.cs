using System.Collections.Concurrent;
using TaggingPipeline.Domain.Populations;
using TaggingPipeline.Processing.Populations;

namespace TaggingPipeline.Pipeline.Specs.Doubles;

internal sealed class SnapshotsInMemory : IPopulationSnapshots
{
    private readonly ConcurrentDictionary<long, PopulationSnapshot> _snapshots = [];

    public Task<bool> AppendAsync(PopulationSnapshot snapshot, CancellationToken cancellationToken) => Task.FromResult(_snapshots.TryAdd(snapshot.Number, snapshot));

    public Task<PopulationSnapshot?> LatestAsync(long after, CancellationToken cancellationToken) =>
        Task.FromResult(_snapshots.Values.Where(snapshot => snapshot.Number > after).MaxBy(snapshot => snapshot.Number));

    public Task<PopulationSnapshot?> FindAsync(long number, CancellationToken cancellationToken) => Task.FromResult(_snapshots.GetValueOrDefault(number));
}
