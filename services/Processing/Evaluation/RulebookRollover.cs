using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Processing.Evaluation;

/// <summary>Brings every customer under the rulebook and the snapshot of the population in force, after one was replaced or while nobody ran.</summary>
/// <remarks>
/// Facts that still fit are only decided again; others are rebuilt from the journal. May stop anywhere and start again: customers who are through are not
/// visited again. Events go on being committed meanwhile. Each evaluator does so for its share. Waits between pages while it is paused.
/// </remarks>
public sealed class RulebookRollover(
    ICustomerDocuments documents, CustomerRedecider redecider, CurrentRulebook rulebook, RolloverPause pause, CurrentShare share)
{
    /// <summary>How many customers are looked at, and of these loaded, saved and told of, at once.</summary>
    public const int PageSize = 500;

    /// <summary>How many, where any of them is rebuilt from the journal: it takes longer, and a pause or another version shall not have to wait for it.</summary>
    private const int RebuiltAtOnce = 25;

    private long _done;

    /// <summary>How many customers came over since this was made.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>Goes once through all customers whom another rulebook decided. Stops early if the rulebook is replaced meanwhile.</summary>
    /// <returns>How many customers are still to be done: overtaken by another save, waiting for a delivery to be finished, or of others' shares. Try again later.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var target = rulebook.Value;
        var left = 0;
        string? after = null;
        while (true)
        {
            await pause.PassedAsync(cancellationToken);
            if (!ReferenceEquals(target, rulebook.Value))
                break;
            var page = await documents.NotDecidedByAsync(target.DecidesAs, after, PageSize, cancellationToken);
            if (page.Count == 0)
                break;
            var stored = await documents.LoadAsync(page.Where(share.Value.Has).ToList(), cancellationToken);
            left += page.Count;
            if (stored.Count > 0 && stored.Max(document => document.RulebookNumber) > target.Number)
            {
                // Somebody is ahead: it is their version that customers are to come under.
                await rulebook.AtLeastAsync(stored.Max(document => document.RulebookNumber), cancellationToken);
                break;
            }

            left -= await DecideAsync(stored, target, cancellationToken);
            after = page[^1];
        }

        return left;
    }

    /// <returns>How many of them came over.</returns>
    private async Task<int> DecideAsync(IReadOnlyList<CustomerDocument> stored, Rulebook target, CancellationToken cancellationToken)
    {
        var done = 0;
        var atOnce = stored.Any(document => document.Facts.For(target) is null) ? RebuiltAtOnce : PageSize;
        foreach (var some in stored.Chunk(atOnce))
        {
            await pause.PassedAsync(cancellationToken);
            if (!ReferenceEquals(target, rulebook.Value))
                break;
            foreach (var alike in some.ToLookup(document => target.Decided(document.Tags.Rulebook) ? ChangeCause.Time : ChangeCause.Rulebook))
            {
                var saved = (await redecider.DecideAsync([.. alike], target, alike.Key, cancellationToken)).Saved;
                Interlocked.Add(ref _done, saved);
                done += saved;
            }
        }

        return done;
    }
}
