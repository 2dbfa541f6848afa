using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Processing.Rejections;

/// <summary>Where events that could not be accepted are kept, with their reasons, until they are mended or discarded.</summary>
public interface IRejectedEvents
{
    /// <summary>Keeps them; one whose id is there already is fine. Durable when it returns.</summary>
    /// <remarks>One that was removed and comes again is kept again, at a new position.</remarks>
    Task AddAsync(IReadOnlyList<RejectedEvent> events, CancellationToken cancellationToken);

    /// <summary>Those that fit, after a position (0: from the first), oldest first. A position is never used twice.</summary>
    Task<IReadOnlyList<(long Position, RejectedEvent Event)>> ListAsync(RejectionFilter filter, long after, int limit, CancellationToken cancellationToken);

    /// <summary>How many there are of each code and reason, by both in the order of UTF-8.</summary>
    Task<IReadOnlyList<RejectionGroup>> GroupAsync(CancellationToken cancellationToken);

    /// <returns>Null if there is none with that id.</returns>
    Task<RejectedEvent?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>A position that none there is now lies behind; 0 where there was never any.</summary>
    Task<long> NewestPositionAsync(CancellationToken cancellationToken);

    /// <summary>Tells why it is rejected now; everything else of it stays. One that is not there is left alone.</summary>
    /// <param name="steps"><see cref="RejectedEvent.Steps"/></param>
    Task ReplaceReasonAsync(string id, Rejection rejection, string? steps, CancellationToken cancellationToken);

    /// <returns>How many of them there were.</returns>
    Task<int> RemoveAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken);

    Task<long> CountAsync(CancellationToken cancellationToken);
}

/// <summary>Which rejected events somebody asks for; null for any.</summary>
/// <param name="Pattern">As <see cref="RejectionGroup.Pattern"/> says it.</param>
public sealed record RejectionFilter(string? Code, string? Pattern)
{
    public static RejectionFilter Any { get; } = new(null, null);

    public bool Fits(RejectedEvent rejected) => (Code is null || Code == rejected.Code) && (Pattern is null || Pattern == ReasonPattern.Of(rejected.Reason));
}

/// <summary>Rejected events with one code and, but for its numbers, one reason.</summary>
/// <param name="Pattern"><see cref="ReasonPattern"/></param>
/// <param name="FirstAt">When the first of them was received.</param>
/// <param name="Example">The one that has been there longest.</param>
public sealed record RejectionGroup(string Code, string Pattern, long Count, DateTimeOffset FirstAt, DateTimeOffset LastAt, RejectedEvent Example);
