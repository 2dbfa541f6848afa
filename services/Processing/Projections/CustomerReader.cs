using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Processing.Projections;

/// <summary>What is known of one customer, and what every rule comes to for them.</summary>
/// <param name="Document">The customer as stored: the tags held are those of the document.</param>
/// <param name="Facts">Settled for <paramref name="AsOf"/>.</param>
/// <param name="Outcomes">What the rules of <paramref name="Rulebook"/> come to as of that instant, in their order.</param>
/// <param name="AsOf">The instant for which the outcomes hold.</param>
/// <param name="Rulebook">What the rulebook in force decides as: its version, and the snapshot of the population if it scores by one.</param>
public sealed record CustomerReading(
    CustomerDocument Document, CustomerFacts Facts, ImmutableArray<RuleOutcome> Outcomes, Instant AsOf, string Rulebook)
{
    /// <summary>Why the customer holds the tag; null while the rulebook in force has not decided it yet.</summary>
    public Reason? ReasonOf(TagState held)
    {
        foreach (var outcome in Outcomes)
        {
            if (outcome.Key == held.Key && outcome.Value == held.Value)
                return outcome.Reason;
        }

        return null;
    }
}

/// <summary>Reads customers with the reasons for their tags.</summary>
public sealed class CustomerReader(ICustomerDocuments documents, IJournal journal, CurrentRulebook current, TimeProvider clock)
{
    /// <summary>The customer as of now; null if there is no such customer.</summary>
    /// <remarks>
    /// Where the outcomes as of now differ from the tags held, because a timer is about to fire, those as of the document's own instant are given:
    /// the reasons always belong to the tags beside them.
    /// </remarks>
    public async Task<CustomerReading?> ReadAsync(string customer, CancellationToken cancellationToken)
    {
        var stored = await documents.LoadAsync([customer], cancellationToken);
        if (stored.Count == 0)
            return null;
        var document = stored[0];
        var rulebook = current.Value;
        var facts = document.Facts.For(rulebook) ?? await FromJournalAsync(document, rulebook, cancellationToken);

        var now = Instant.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        var reading = Explain(document, facts, rulebook, Instant.Max(now, document.EvaluatedAt));
        return AgreesWithTags(reading) ? reading : Explain(document, facts, rulebook, document.EvaluatedAt);
    }

    /// <summary>Facts kept for another rulebook's measures cannot be read, so they are observed anew. What the document has to journal may come twice: only the last of it counts.</summary>
    private async Task<CustomerFacts> FromJournalAsync(CustomerDocument document, Rulebook rulebook, CancellationToken cancellationToken)
    {
        var facts = new FactsBuilder(CustomerFacts.Of(rulebook), rulebook, document.EvaluatedAt);
        var events = await journal.ReadAsync(document.Customer, cancellationToken);
        foreach (var journaled in events.Concat(document.Unjournaled))
            facts.Observe(JournalReader.ToDomain(journaled));
        return facts.ToFacts();
    }

    private static CustomerReading Explain(CustomerDocument document, CustomerFacts facts, Rulebook rulebook, Instant asOf)
    {
        var settled = Tagging.Settle(facts, rulebook, asOf);
        return new(document, settled, Tagging.Explain(settled, rulebook, asOf), asOf, rulebook.DecidesAs);
    }

    private static bool AgreesWithTags(CustomerReading reading)
    {
        foreach (var outcome in reading.Outcomes)
        {
            if (reading.Document.Tags[outcome.Key] != outcome.Value)
                return false;
        }

        return true;
    }
}
