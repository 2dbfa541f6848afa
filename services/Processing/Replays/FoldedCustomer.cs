using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Journal;
using NodaTime;

namespace TaggingPipeline.Processing.Replays;

/// <summary>One customer's facts while their events are read from the journal, one after another.</summary>
/// <param name="customer">Whose.</param>
/// <param name="stored">The document, read before the first event; null for none.</param>
/// <param name="isPast">Whether the instant is one of the past: what happened later is then left out. Otherwise it waits in the facts for its time.</param>
internal sealed class FoldedCustomer(string customer, CustomerDocument? stored, Rulebook rulebook, Instant asOf, bool isPast)
{
    private readonly HashSet<string> _lacking = stored is null ? [] : [.. stored.Applied, .. stored.Unjournaled.Select(made => made.EventId)];
    private readonly FactsBuilder _facts = new(CustomerFacts.Of(rulebook), rulebook, asOf);

    public string Customer => customer;

    public CustomerDocument? Stored => stored;

    public long Events { get; private set; }

    /// <summary>Whether the document has events that the journal lacks, and that others deliver: what the document itself has to journal is not among them.</summary>
    public bool AwaitsDelivery => stored is not null && stored.Applied.Any(_lacking.Contains);

    public void Observe(JournaledEvent journaled)
    {
        _lacking.Remove(journaled.EventId);
        Events++;
        if (!IsLeftOut(journaled))
            _facts.Observe(JournalReader.ToDomain(journaled));
    }

    /// <summary>The facts with all events, those included that the document has yet to journal.</summary>
    public CustomerFacts Facts()
    {
        foreach (var made in stored?.Unjournaled ?? [])
        {
            if (_lacking.Remove(made.EventId) && !IsLeftOut(made))
                _facts.Observe(JournalReader.ToDomain(made));
        }

        return _facts.ToFacts();
    }

    private bool IsLeftOut(JournaledEvent journaled) => isPast && journaled.OccurredAt > asOf;
}
