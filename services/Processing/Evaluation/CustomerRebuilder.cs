using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Processing.Evaluation;

public enum RebuildOutcome
{
    /// <summary>The document holds what its journal and the rulebook call for.</summary>
    Rebuilt,

    /// <summary>Another save came first, or a later version of the rulebook than the one given decided the customer: nothing was done.</summary>
    Overtaken,

    /// <summary>The document has events that are not journaled yet: nothing was done, and it must be tried again later.</summary>
    AwaitsDelivery,

    /// <summary>There is neither a document nor an event of this customer.</summary>
    Unknown,
}

/// <param name="Untold">The rebuilt document, if it has something to tell.</param>
public readonly record struct Rebuild(RebuildOutcome Outcome, UntoldCustomer? Untold = null);

/// <summary>Makes a customer's document anew from the journal, under the measures of a rulebook.</summary>
/// <remarks>
/// Reads the document, then the journal. An event that is journaled after that belongs to a delivery that saved the document in between, so the rebuilt one is not
/// saved; one that is in the document but not yet journaled would be lost, so such a customer is left for later. What the document itself has to journal is journaled
/// first. Safe for concurrent use.
/// </remarks>
public sealed class CustomerRebuilder(ICustomerDocuments documents, IJournal journal, TimeProvider clock)
{
    /// <summary>Rebuilds one customer. Tags keep their numbering and since; what comes out differently is a change.</summary>
    public async Task<Rebuild> RebuildAsync(string customer, Rulebook rulebook, ChangeCause cause, CancellationToken cancellationToken)
    {
        var stored = (await documents.LoadAsync([customer], cancellationToken)).SingleOrDefault();
        if (stored?.RulebookNumber > rulebook.Number)
            return new(RebuildOutcome.Overtaken);
        if (stored is { Unjournaled.IsEmpty: false })
            await documents.CommitAsync([Journaling(stored)], cancellationToken);
        var events = await journal.ReadAsync(customer, cancellationToken);
        if (stored is null && events.Count == 0)
            return new(RebuildOutcome.Unknown);
        var journaledIds = events.Select(journaled => journaled.EventId).ToHashSet(StringComparer.Ordinal);
        if (stored is not null && !stored.Applied.All(journaledIds.Contains))
            return new(RebuildOutcome.AwaitsDelivery);

        var asOf = Revision.AsOf(stored, clock);
        var facts = new FactsBuilder(CustomerFacts.Of(rulebook), rulebook, asOf);
        foreach (var journaled in events)
            facts.Observe(JournalReader.ToDomain(journaled));
        var before = stored?.Facts.For(rulebook);
        var revised = Revision.Of(customer, stored, before, facts.ToFacts(), [], [], rulebook, asOf, cause);
        var results = await documents.CommitAsync([new(customer, revised.Document, stored?.Version ?? 0, [])], cancellationToken);
        return results[0].Saved ? new(RebuildOutcome.Rebuilt, revised.Untold) : new(RebuildOutcome.Overtaken);
    }

    /// <summary>Journals what a stored document has to journal. Others may do so too, and may have: its events come from a document that was saved, so they hold.</summary>
    internal static CustomerCommit Journaling(CustomerDocument stored) => new(stored.Customer, null, 0, stored.Unjournaled);
}
