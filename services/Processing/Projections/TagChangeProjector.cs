using System.Collections.Immutable;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Processing.Projections;

/// <summary>What became of a message.</summary>
public enum ProjectionOutcome : byte
{
    /// <summary>What it tells is in the views and the feed, by this or by an earlier message.</summary>
    Stored,

    /// <summary>Changes before it are missing: nothing of it was taken. It must come again once the messages sent before it have come.</summary>
    Ahead,
}

/// <summary>Brings what messages tell of customers' tags into the views and the change feed, and keeps segments up to date on the way.</summary>
/// <remarks>
/// Idempotent: the same message again changes nothing. Any number may run at once, in any processes: saving is compare-and-set, and whoever loses
/// starts again from the view that won. A view that a later version of the rulebook is behind is not taken back: that version is taken up first.
/// </remarks>
public sealed class TagChangeProjector(ICustomerViews views, CurrentRulebook current)
{
    /// <summary>Takes in messages, of any customers and in any order, in one commit.</summary>
    /// <returns>One outcome for each message, in order. What is stored is durable.</returns>
    public async Task<IReadOnlyList<ProjectionOutcome>> ProjectAsync(IReadOnlyList<TagsChanged> messages, CancellationToken cancellationToken)
    {
        var outcomes = new ProjectionOutcome[messages.Count];
        var open = Enumerable.Range(0, messages.Count).ToLookup(position => messages[position].CustomerId, StringComparer.Ordinal)
            .ToDictionary(customer => customer.Key, customer => customer.OrderBy(position => messages[position].Revision).ToArray(), StringComparer.Ordinal);

        // Who decided may have noticed sooner that a rulebook was published: segments of the one before, over such tags, would tell of moves that neither calls for.
        if (messages.Any(message => !current.Value.Decided(message.Rulebook)))
            await current.FollowAsync(cancellationToken);

        while (open.Count > 0)
        {
            var rulebook = current.Value;
            var known = (await views.LoadAsync(open.Keys, cancellationToken)).ToDictionary(view => view.Customer, StringComparer.Ordinal);
            if (known.Values.FirstOrDefault(view => view.RulebookNumber > rulebook.Number) is { } ahead)
            {
                await current.AtLeastAsync(ahead.RulebookNumber, cancellationToken);
                continue;
            }

            var commits = new List<ViewCommit>(open.Count);
            foreach (var (customer, positions) in open)
            {
                if (TakeAll(known.GetValueOrDefault(customer), positions, messages, outcomes, rulebook) is { } commit)
                    commits.Add(commit);
            }

            var saved = commits.Count == 0 ? [] : await views.CommitAsync(commits, cancellationToken);
            // A rulebook that came into force meanwhile is rolled over the views that were stored by then; these may have been saved after it passed.
            if (current.Value.Version != rulebook.Version)
                continue;
            var lost = commits.Where((_, i) => !saved[i]).Select(commit => commit.View.Customer).ToArray();
            open = lost.ToDictionary(customer => customer, customer => open[customer], StringComparer.Ordinal);
        }

        return outcomes;
    }

    /// <summary>Takes one customer's messages in, by ascending revision.</summary>
    /// <returns>Null if they change nothing.</returns>
    private static ViewCommit? TakeAll(
        CustomerView? known, int[] positions, IReadOnlyList<TagsChanged> messages, ProjectionOutcome[] outcomes, Rulebook rulebook)
    {
        var before = known ?? ViewStep.Before(messages[positions[0]].CustomerId, rulebook);
        var view = before;
        var entries = ImmutableArray.CreateBuilder<NewFeedEntry>();
        var crossings = ImmutableArray.CreateBuilder<Membership>();
        foreach (var position in positions)
        {
            var message = messages[position];
            outcomes[position] = ViewStep.IsAhead(view, message) ? ProjectionOutcome.Ahead : ProjectionOutcome.Stored;
            if (outcomes[position] == ProjectionOutcome.Ahead)
                continue;
            var step = ViewStep.Take(view, message, rulebook);
            view = step.View;
            entries.AddRange(step.Entries);
            crossings.AddRange(step.Crossings);
        }

        return view.Equals(before)
            ? null
            : new(view with { Version = before.Version + 1 }, before.Version, entries.DrainToImmutable()) { Crossings = crossings.DrainToImmutable() };
    }
}
