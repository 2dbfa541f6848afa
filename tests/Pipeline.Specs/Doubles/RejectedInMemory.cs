using TaggingPipeline.Contracts;
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

    public Task<IReadOnlyList<(long Position, RejectedEvent Event)>> ListAsync(long after, int limit, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<(long, RejectedEvent)>>(
                [.. _events.Index().Select(kept => (kept.Index + 1L, kept.Item)).Where(kept => kept.Item1 > after).Take(limit)]);
        }
    }

    public Task<long> CountAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult<long>(_events.Count);
    }
}
