using TaggingPipeline.Contracts;

namespace TaggingPipeline.Processing.Rejections;

/// <summary>Where events that could not be accepted are kept, with their reasons.</summary>
public interface IRejectedEvents
{
    /// <summary>Keeps them; one whose id is there already is fine. Durable when it returns.</summary>
    Task AddAsync(IReadOnlyList<RejectedEvent> events, CancellationToken cancellationToken);

    /// <summary>Rejections after a position (0: from the first), oldest first.</summary>
    Task<IReadOnlyList<(long Position, RejectedEvent Event)>> ListAsync(long after, int limit, CancellationToken cancellationToken);

    Task<long> CountAsync(CancellationToken cancellationToken);
}
