using Microsoft.Extensions.Logging;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Rejections;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Projection.Rejections;

/// <summary>Mends rejected events, sends those that are accepted then where all events go, and discards.</summary>
/// <remarks>
/// A rejection is removed when its event is known to be safe: whatever ends this between leaves both, and never none; sent once more, the event has the same id and counts once. Any
/// number may do it at once.
/// </remarks>
internal sealed class RejectionDesk(IRejectedEvents rejected, ISafeSender sender, EventQueues queues, ILogger<RejectionDesk> logger)
{
    private const int PageSize = 100;

    /// <summary>Of one message: as ingestion's are.</summary>
    private const int MostEvents = 500;

    /// <summary>Of what was kept of the events of one message.</summary>
    private const int MostCharacters = 256 * 1024;

    /// <summary>Tells what would become of them. Changes nothing.</summary>
    public async Task<MendingReport> PreviewAsync(RejectionSelection selection, CancellationToken cancellationToken)
    {
        var tally = new MendingTally(selection.Steps, selection.Sample);
        var next = await EachPageAsync(
            selection,
            page =>
            {
                foreach (var rejection in page)
                    tally.Add(RejectionReview.Of(rejection, selection.Steps));
                return Task.FromResult(true);
            },
            cancellationToken);
        return tally.Report(next);
    }

    /// <summary>Sends those that are accepted once mended; of the others the reason is kept. Ends at the first message that is not known to be safe.</summary>
    public async Task<(MendingReport Report, Exception? Failure)> ResubmitAsync(RejectionSelection selection, CancellationToken cancellationToken)
    {
        var tally = new MendingTally(selection.Steps, selection.Sample);
        var steps = MendingSteps.Write(selection.Steps);
        Exception? failure = null;
        var next = await EachPageAsync(
            selection,
            async page =>
            {
                var reviews = page.ConvertAll(rejection => RejectionReview.Of(rejection, selection.Steps));
                foreach (var group in Group(reviews.FindAll(review => review.Outcome == ReviewOutcome.Accepted)))
                {
                    failure = await SendAsync(group, cancellationToken);
                    if (failure is not null)
                        return false;
                    group.ForEach(tally.Add);
                }

                // At once, since stores write together what comes together.
                await Task.WhenAll(reviews.Where(review => review.Outcome == ReviewOutcome.Rejected)
                    .Select(review => rejected.ReplaceReasonAsync(review.Rejection.Id, review.Why!, steps, cancellationToken)));
                reviews.FindAll(review => review.Outcome != ReviewOutcome.Accepted).ForEach(tally.Add);
                return true;
            },
            cancellationToken);
        Log.Resubmitted(logger, tally.Accepted);
        return (tally.Report(next), failure);
    }

    /// <summary>Removes all that fit and were there when this began.</summary>
    public async Task<long> DiscardAsync(RejectionFilter filter, CancellationToken cancellationToken)
    {
        var discarded = 0L;
        var until = await rejected.NewestPositionAsync(cancellationToken);
        while (await rejected.ListAsync(filter, 0, PageSize, cancellationToken) is { Count: > 0 } page)
        {
            var ids = page.Where(kept => kept.Position <= until).Select(kept => kept.Event.Id).ToList();
            discarded += await rejected.RemoveAsync(ids, cancellationToken);
            if (ids.Count < page.Count)
                break;
        }

        return discarded;
    }

    /// <returns>Null if all of them are safe and removed, or what prevented that.</returns>
    private async Task<Exception?> SendAsync(List<ReviewedRejection> group, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var batch in group.SelectMany(review => review.Events).GroupBy(shopEvent => queues.Of(shopEvent.CustomerId), StringComparer.Ordinal))
                await sender.SendAsync(batch.Key, new EventBatch { Events = [.. batch.OrderBy(each => each.CustomerId, StringComparer.Ordinal)] }, cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            Log.NotResubmitted(logger, failure);
            return failure;
        }

        await rejected.AddAsync([.. group.SelectMany(review => review.Parts)], cancellationToken);
        await rejected.RemoveAsync([.. group.Select(review => review.Rejection.Id)], cancellationToken);
        return null;
    }

    /// <summary>As many at a time as a message takes; one that holds more is alone.</summary>
    private static IEnumerable<List<ReviewedRejection>> Group(List<ReviewedRejection> accepted)
    {
        var group = new List<ReviewedRejection>();
        var (events, characters) = (0, 0);
        foreach (var review in accepted)
        {
            if (group.Count > 0 && (events + review.Events.Count > MostEvents || characters + review.Before.Length > MostCharacters))
            {
                yield return group;
                group = [];
                (events, characters) = (0, 0);
            }

            group.Add(review);
            events += review.Events.Count;
            characters += review.Before.Length;
        }

        if (group.Count > 0)
            yield return group;
    }

    /// <summary>Gives what is selected page by page, until it is all or as many as the limit says, or the work says false.</summary>
    /// <returns>Where to go on, or null.</returns>
    private async Task<string?> EachPageAsync(RejectionSelection selection, Func<List<RejectedEvent>, Task<bool>> work, CancellationToken cancellationToken)
    {
        if (selection.Ids is { } ids)
        {
            var (from, limit) = ((int)Math.Min(selection.After, ids.Length), selection.Limit);
            foreach (var chunk in ids.Skip(from).Take(limit).Chunk(PageSize))
            {
                var found = new List<RejectedEvent>();
                foreach (var id in chunk)
                {
                    if (await rejected.FindAsync(id, cancellationToken) is { } kept)
                        found.Add(kept);
                }

                if (!await work(found))
                    break;
            }

            return ids.Length - from > limit ? RejectionSelection.Cursor(from + limit, ids.Length) : null;
        }

        var until = selection.Until ?? await rejected.NewestPositionAsync(cancellationToken);
        var after = selection.After;
        for (var left = selection.Limit; left > 0;)
        {
            var listed = await rejected.ListAsync(selection.Filter, after, Math.Min(left, PageSize), cancellationToken);
            var page = listed.Where(kept => kept.Position <= until).ToList();
            if (page.Count == 0)
                return null;
            if (!await work(page.ConvertAll(kept => kept.Event)))
                return RejectionSelection.Cursor(after, until);
            after = page[^1].Position;
            left -= page.Count;
            if (page.Count < listed.Count)
                return null;
        }

        return await rejected.ListAsync(selection.Filter, after, 1, cancellationToken) is [var more] && more.Position <= until ? RejectionSelection.Cursor(after, until) : null;
    }
}
