using NodaTime;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Processing.Projections;

/// <summary>Brings every customer's memberships to the segments of the rulebook in force.</summary>
/// <remarks>
/// Idempotent, and safe beside <see cref="TagChangeProjector"/>: a view that changes meanwhile is looked at again. Waits between pages while it is paused. A customer's tags come
/// first: new segments over the tags of the rulebook before would tell of moves that neither rulebook calls for. Most views come over with the message that tells of the tags.
/// </remarks>
/// <param name="documents">Where the customers' tags are decided; null where nobody decides any.</param>
public sealed class SegmentRollover(ICustomerViews views, CurrentRulebook current, RolloverPause pause, TimeProvider clock, ICustomerDocuments? documents = null)
{
    private const int PageSize = 1000;

    /// <summary>The page before this customer, at which nobody's tags had come over; the next run goes on behind it.</summary>
    private string? _after;

    /// <summary>Whether the last run left somebody to the next one, whose tags have yet to come over.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>Goes once over the views that are of another rulebook version.</summary>
    /// <remarks>
    /// Views that this process saves under an old rulebook after this has passed them are the projector's to mend, and those that another one saves so, which is behind
    /// for a moment, the next run's. Ends early when the rulebook is replaced, since another run is then due.
    /// </remarks>
    /// <returns>How many views were brought over.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var rulebook = current.Value;
        var (rolled, after) = (0, _after);
        (IsWaiting, _after) = (after is not null, null);
        var saving = Task.FromResult(0);
        try
        {
            while (true)
            {
                await pause.PassedAsync(cancellationToken);
                if (!ReferenceEquals(current.Value, rulebook))
                    break;
                // Read and evaluated while the page before is saved: that one ends before this one begins.
                var page = await views.NotOfRulebookAsync(rulebook.Version, after, PageSize, cancellationToken);
                if (page.Count == 0)
                    break;
                if (page.FirstOrDefault(view => view.RulebookNumber > rulebook.Number) is { } ahead)
                {
                    await current.AtLeastAsync(ahead.RulebookNumber, cancellationToken);
                    break;
                }

                var ready = await WithTagsOfAsync(rulebook, page, cancellationToken);
                var commits = RollAll(ready, rulebook);
                rolled += await saving;
                saving = SaveAsync(commits, rulebook, cancellationToken);
                after = page[^1].Customer;
                IsWaiting |= ready.Count < page.Count;
                if (ready.Count == 0)
                {
                    _after = after;
                    break;
                }
            }
        }
        finally
        {
            rolled += await saving;
        }

        return rolled;
    }

    /// <summary>Those views of which the tags are what the rulebook decided, and all of it has been told.</summary>
    private async Task<IReadOnlyList<CustomerView>> WithTagsOfAsync(Rulebook rulebook, IReadOnlyList<CustomerView> page, CancellationToken cancellationToken)
    {
        if (documents is null)
            return page;
        var decided = (await documents.PeekAsync([.. page.Select(view => view.Customer)], cancellationToken)).ToDictionary(document => document.Customer, StringComparer.Ordinal);
        return
        [
            .. page.Where(view => !decided.TryGetValue(view.Customer, out var document)
                || (rulebook.Decided(document.Tags.Rulebook) && document.Outbox is null && document.Tags.Sequence <= view.TagSequence)),
        ];
    }

    /// <summary>Saves those that nobody was faster with, and looks at the others again.</summary>
    private async Task<int> SaveAsync(ViewCommit[] commits, Rulebook rulebook, CancellationToken cancellationToken)
    {
        var rolled = 0;
        while (commits.Length > 0)
        {
            var saved = await views.CommitAsync(commits, cancellationToken);
            var lost = commits.Where((_, i) => !saved[i]).Select(commit => commit.View.Customer).ToArray();
            rolled += commits.Length - lost.Length;
            commits = lost.Length == 0
                ? []
                : RollAll((await views.LoadAsync(lost, cancellationToken)).Where(view => view.Rulebook != rulebook.Version && view.RulebookNumber <= rulebook.Number), rulebook);
        }

        return rolled;
    }

    private ViewCommit[] RollAll(IEnumerable<CustomerView> stale, Rulebook rulebook)
    {
        var at = Instant.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        return [.. stale.Select(view => Roll(view, rulebook, at))];
    }

    private static ViewCommit Roll(CustomerView view, Rulebook rulebook, Instant at)
    {
        var step = SegmentMemberships.Evaluate(view, view, rulebook, at, SegmentMemberships.RulebookCause);
        return new(step.View with { Version = view.Version + 1 }, view.Version, step.Entries) { Crossings = step.Crossings };
    }
}
