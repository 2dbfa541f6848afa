using TaggingPipeline.Processing.Leases;
using TaggingPipeline.Processing.Replays;

namespace TaggingPipeline.Pipeline.Specs.Doubles;

/// <summary>For hosts of evaluation in which nobody asks for a replay.</summary>
internal sealed class NoReplays : IReplays, ILeases
{
    public Task<bool> SaveAsync(ReplayRun run, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ReplayRun?> FindAsync(string id, CancellationToken cancellationToken) => Task.FromResult<ReplayRun?>(null);

    public Task<IReadOnlyList<ReplayRun>> ListAsync(int limit, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ReplayRun>>([]);

    public Task<IReadOnlyList<ReplayRun>> ListOpenAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ReplayRun>>([]);

    public Task<IReadOnlySet<string>> TakeAsync(IReadOnlyCollection<string> names, string holder, TimeSpan stay, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ReleaseAsync(IReadOnlyCollection<string> names, string holder, CancellationToken cancellationToken) => Task.CompletedTask;
}
