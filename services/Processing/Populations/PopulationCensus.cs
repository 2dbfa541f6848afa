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
    /// <summary>It is not time, or another evaluator's business; or the rulebook scores nothing.</summary>
    NotDue,

    /// <summary>A snapshot was recorded and is in force.</summary>
    Taken,

    /// <summary>Another process recorded one first, which is to be followed.</summary>
    Overtaken,

    /// <summary>There is nobody to count: nothing was recorded.</summary>
    Nobody,

    /// <summary>Customers have yet to be rebuilt for the rulebook in force: nothing was recorded.</summary>
    Unfinished,
}

/// <summary>Takes snapshots of the population, and puts them in force in this process.</summary>
/// <remarks>Safe in several processes at once: who records a number first wins.</remarks>
public sealed class PopulationCensus(ICustomerDocuments documents, IPopulationSnapshots snapshots, CurrentRulebook current, TimeProvider clock)
{
    /// <summary>How many customers are in memory at once; of the others only their numbers are.</summary>
    public const int PageSize = 500;

    /// <summary>Takes one if it is time, and falls to the evaluator with that share.</summary>
    public Task<CensusOutcome> TakeIfDueAsync(WorkShare mine, CancellationToken cancellationToken) =>
        mine.IsFirst && current.Value.WantsSnapshot(Revision.Now(clock)) ? TakeAsync(cancellationToken) : Task.FromResult(CensusOutcome.NotDue);

    /// <summary>Looks at every customer, as of the clock's instant; whoever is decided meanwhile is looked at as of that.</summary>
    public async Task<CensusOutcome> TakeAsync(CancellationToken cancellationToken)
    {
        var rulebook = current.Value;
        if (rulebook.PopulationArguments.IsEmpty)
            return CensusOutcome.NotDue;
        var now = Revision.Now(clock);
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
        var snapshot = count.ToSnapshot((rulebook.Population?.Number ?? 0) + 1, now, rulebook.Population);
        if (!await snapshots.AppendAsync(snapshot, cancellationToken))
            return CensusOutcome.Overtaken;
        current.Follow(snapshot);
        return CensusOutcome.Taken;
    }
}
