using NodaTime;
using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Projection.Queries;

/// <summary>The members of a segment, now or as of an instant.</summary>
/// <param name="At">Null for now.</param>
/// <param name="Position">That of the feed before the first member was read; null for the past.</param>
internal sealed record MemberList(ICustomerViews Views, ISegmentHistory History, string Segment, Instant? At, long? Position)
{
    /// <summary>By ascending customer after the one given.</summary>
    public Task<IReadOnlyList<SegmentMember>> ReadAsync(string? after, int limit, CancellationToken cancellationToken) => At is { } at
        ? History.MembersAtAsync(Segment, at, after, limit, cancellationToken)
        : Views.MembersAsync(Segment, after, limit, cancellationToken);

    public string CursorBehind(string customer) =>
        (At is { } at ? MemberCursor.OfPast(at, customer) : MemberCursor.OfPresent(Position!.Value, customer)).ToString();
}
