using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Projection.Queries;

/// <param name="Sequence">The number of the last tag change that this holds.</param>
/// <param name="SegmentSequence">The number of the last segment change that this holds.</param>
internal sealed record SnapshotCustomer(
    string Customer, long Sequence, long SegmentSequence, IReadOnlyList<SnapshotTag> Tags, IReadOnlyList<SnapshotSegment> Segments);

internal sealed record SnapshotTag(string Key, string Category, JsonElement? Value, DateTimeOffset Since);

/// <param name="KeySequence">The number of the change by which the customer entered.</param>
internal sealed record SnapshotSegment(string Key, DateTimeOffset Since, long KeySequence);

/// <param name="Next">Where to go on; null for nowhere.</param>
/// <param name="Position">Where <c>/api/changes</c> goes on from the snapshot, the same on all its pages.</param>
internal sealed record SnapshotPage(IReadOnlyList<SnapshotCustomer> Items, string? Next, string Position);

/// <summary><c>/api/snapshot</c></summary>
internal static class SnapshotRoutes
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/snapshot", ReadAsync).WithSummary("All customers with their tags and segments, and where the stream of changes goes on from there")
            .WithDescription(
                "Read all pages, then `/api/changes?after=POSITION`, and drop each change whose `sequence` is not above what the snapshot says of that customer "
                + "(`sequence` for `tag.…`, `segmentSequence` for `segment.…`; 0 for a customer who is not in it). Nothing is missed and nothing comes twice, whatever changes meanwhile.")
            .Produces<SnapshotPage>();

    private static async Task<IResult> ReadAsync([AsParameters] PageQuery page, ICustomerViews views, IChangeFeed feed, CancellationToken cancellationToken)
    {
        if (!page.TryReadLimit(out var limit))
            return Problems.BadLimit(page.Limit!);
        if (!MemberCursor.TryRead(page.After, at: null, out var after))
            return Problems.BadCursor(page.After!);

        // Before any view: what changes from here on, the feed tells after this position.
        var position = after?.Origin ?? await feed.NewestPositionAsync(cancellationToken);
        var found = await views.ScanAsync(after?.Customer, limit + 1, cancellationToken);
        var items = found.Take(limit).Select(ToCustomer).ToArray();
        return QueryJson.Answer(new SnapshotPage(
            items, found.Count > limit ? MemberCursor.OfPresent(position, items[^1].Customer).ToString() : null, QueryJson.Cursor(position)));
    }

    private static SnapshotCustomer ToCustomer(CustomerView view) => new(
        view.Customer,
        view.TagSequence,
        view.SegmentSequence,
        [.. view.Tags.Select(tag => new SnapshotTag(tag.Key, tag.Category, ValueJson.ToElement(tag.Value), tag.Since.ToDateTimeOffset()))],
        [
            .. view.Memberships.Where(membership => membership.IsMember)
                .Select(membership => new SnapshotSegment(membership.Segment, membership.Since.ToDateTimeOffset(), membership.KeySequence)),
        ]);
}
