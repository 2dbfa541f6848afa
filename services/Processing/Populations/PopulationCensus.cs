using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Populations;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Processing.Populations;

/// <summary>What came of looking whether a snapshot is to be taken.</summary>
public enum CensusOutcome
{
    /// <summary>It is not time, or another evaluator's business.</summary>
    NotDue,

    /// <summary>A snapshot was recorded and is in force.</summary>
    Taken,

    /// <summary>Another evaluator recorded one first, which is to be followed.</summary>
    Overtaken,

    /// <summary>There is nobody to count: nothing was recorded.</summary>
    Nobody,

    /// <summary>Customers have yet to be rebuilt for the rulebook in force: nothing was recorded.</summary>
    Unfinished,
}

/// <summary>Takes a snapshot of the population when one is due, and puts it in force.</summary>
/// <remarks>One evaluator does it. Safe all the same if several do: who records a number first wins.</remarks>
public sealed class PopulationCensus(
    ICustomerDocuments documents, IPopulationSnapshots snapshots, CurrentRulebook current, CurrentShare share, TimeProvider clock)
{
    /// <summary>How many customers are in memory at once; of the others only their numbers are.</summary>
    public const int PageSize = 500;

    /// <summary>Looks at every customer, if it is time.</summary>
    /// <remarks>As of the clock's instant; whoever is decided meanwhile is looked at as of that.</remarks>
    public async Task<CensusOutcome> RunAsync(CancellationToken cancellationToken)
    {
        var rulebook = current.Value;
        var now = Revision.Now(clock);
        if (!share.Value.IsFirst || !rulebook.WantsSnapshot(now))
            return CensusOutcome.NotDue;

        var count = new PopulationCount(rulebook);
        string? after = null;
        while (true)
        {
            var page = await documents.ScanAsync(after, PageSize, cancellationToken);
            foreach (var document in page)
            {
                if (document.Facts.For(rulebook) is not { } facts)
                    return CensusOutcome.Unfinished;
                var asOf = Instant.Max(now, document.EvaluatedAt);
                count.Add(Tagging.Settle(facts, rulebook, asOf), asOf);
            }

            if (page.Count < PageSize)
                break;
            after = page[^1].Customer;
        }

        if (!count.HasAnybody)
            return CensusOutcome.Nobody;
        var snapshot = count.ToSnapshot((rulebook.Population?.Number ?? 0) + 1, now);
        if (!await snapshots.AppendAsync(snapshot, cancellationToken))
            return CensusOutcome.Overtaken;
        current.Follow(snapshot);
        return CensusOutcome.Taken;
    }
}
