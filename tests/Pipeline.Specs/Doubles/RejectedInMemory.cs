using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Rejections;

namespace TaggingPipeline.Pipeline.Specs.Doubles;

/// <summary>Rejected events, in memory; the first of an id stays.</summary>
internal sealed class RejectedInMemory : IRejectedEvents
{
    private readonly Lock _gate = new();
    private readonly List<RejectedEvent> _events = [];

    public IReadOnlyList<RejectedEvent> Kept
    {
        get
        {
            lock (_gate)
                return [.. _events];
        }
    }

    public Task AddAsync(IReadOnlyList<RejectedEvent> events, CancellationToken cancellationToken)
    {
        lock (_gate)
            _events.AddRange(events.DistinctBy(rejected => rejected.Id).Where(rejected => _events.TrueForAll(kept => kept.Id != rejected.Id)).ToList());
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<(long Position, RejectedEvent Event)>> ListAsync(RejectionFilter filter, long after, int limit, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<(long, RejectedEvent)>>(
                [.. _events.Index().Select(kept => (kept.Index + 1L, kept.Item)).Where(kept => kept.Item1 > after && filter.Fits(kept.Item2)).Take(limit)]);
        }
    }

    public Task<IReadOnlyList<RejectionGroup>> GroupAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<RejectedEvent?> FindAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long> NewestPositionAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ReplaceReasonAsync(string id, Rejection rejection, string? steps, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<int> RemoveAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long> CountAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult<long>(_events.Count);
    }
}
