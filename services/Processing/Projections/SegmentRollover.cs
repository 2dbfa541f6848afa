using NodaTime;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Processing.Projections;

/// <summary>Brings every customer's memberships to the segments of the rulebook in force.</summary>
/// <remarks>Idempotent, and safe beside <see cref="TagChangeProjector"/>: a view that changes meanwhile is looked at again. Waits between pages while it is paused.</remarks>
public sealed class SegmentRollover(ICustomerViews views, CurrentRulebook current, RolloverPause pause, TimeProvider clock)
{
    private const int PageSize = 1000;

    /// <summary>Goes once over the views that are of another rulebook version.</summary>
    /// <remarks>
    /// Views that this process saves under an old rulebook after this has passed them are the projector's to mend, and those that another one saves so, which is behind
    /// for a moment, the next run's. Ends early when the rulebook is replaced, since another run is then due.
    /// </remarks>
    /// <returns>How many views were brought over.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var rulebook = current.Value;
        var (rolled, after) = (0, (string?)null);
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

                var commits = RollAll(page, rulebook);
                rolled += await saving;
                saving = SaveAsync(commits, rulebook, cancellationToken);
                after = page[^1].Customer;
            }
        }
        finally
        {
            rolled += await saving;
        }

        return rolled;
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
