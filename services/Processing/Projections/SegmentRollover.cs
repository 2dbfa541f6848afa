using NodaTime;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Processing.Projections;

/// <summary>Brings every customer's memberships to the segments of the rulebook in force.</summary>
/// <remarks>Idempotent, and safe beside <see cref="TagChangeProjector"/>: a view that changes meanwhile is looked at again.</remarks>
public sealed class SegmentRollover(ICustomerViews views, CurrentRulebook current, TimeProvider clock)
{
    private const int PageSize = 500;

    /// <summary>Goes once over the views that are of another rulebook version.</summary>
    /// <remarks>
    /// Once only: while two processes run different rulebooks, each would find the other's views for ever. Views that are saved under an old rulebook
    /// after this has passed them are the projector's to mend. Ends early when the rulebook is replaced, since another run is then due.
    /// </remarks>
    /// <returns>How many views were brought over.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var rulebook = current.Value;
        var rolled = 0;
        string? after = null;
        while (current.Value.Version == rulebook.Version)
        {
            var page = await views.NotOfRulebookAsync(rulebook.Version, after, PageSize, cancellationToken);
            if (page.Count == 0)
                break;
            rolled += await RollAsync(page, rulebook, cancellationToken);
            after = page[^1].Customer;
        }

        return rolled;
    }

    private async Task<int> RollAsync(IReadOnlyList<CustomerView> stale, Rulebook rulebook, CancellationToken cancellationToken)
    {
        var rolled = 0;
        var at = Instant.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        while (stale.Count > 0)
        {
            var commits = stale.Select(view => Roll(view, rulebook, at)).ToArray();
            var saved = await views.CommitAsync(commits, cancellationToken);
            var lost = commits.Where((_, i) => !saved[i]).Select(commit => commit.View.Customer).ToArray();
            rolled += commits.Length - lost.Length;
            stale = lost.Length == 0
                ? []
                : [.. (await views.LoadAsync(lost, cancellationToken)).Where(view => view.Rulebook != rulebook.Version)];
        }

        return rolled;
    }

    private static ViewCommit Roll(CustomerView view, Rulebook rulebook, Instant at)
    {
        var step = SegmentMemberships.Evaluate(view, view, rulebook, at, SegmentMemberships.RulebookCause);
        return new(step.View with { Version = view.Version + 1 }, view.Version, step.Entries) { Crossings = step.Crossings };
    }
}
