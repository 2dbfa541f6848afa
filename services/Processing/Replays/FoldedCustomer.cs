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
    /// <summary>Facts that are never settled grow with every event.</summary>
    private const int SettledAfter = 1_024;

    private readonly HashSet<string> _lacking = stored is null ? [] : [.. stored.Applied, .. stored.Unjournaled.Select(made => made.EventId)];
    private CustomerFacts _facts = CustomerFacts.Of(rulebook);
    private long _observed;

    public string Customer => customer;

    public CustomerDocument? Stored => stored;

    public long Events { get; private set; }

    /// <summary>Whether the document has events that the journal lacks, and that others deliver: what the document itself has to journal is not among them.</summary>
    public bool AwaitsDelivery => stored is not null && stored.Applied.Any(_lacking.Contains);

    public void Observe(JournaledEvent journaled)
    {
        _lacking.Remove(journaled.EventId);
        Events++;
        if (IsLeftOut(journaled))
            return;
        _facts = Tagging.Observe(_facts, JournalReader.ToDomain(journaled), rulebook, asOf);
        if (++_observed % SettledAfter == 0)
            _facts = Tagging.Settle(_facts, rulebook, asOf);
    }

    /// <summary>The facts with all events, those included that the document has yet to journal.</summary>
    public CustomerFacts Facts()
    {
        foreach (var made in stored?.Unjournaled ?? [])
        {
            if (_lacking.Remove(made.EventId) && !IsLeftOut(made))
                _facts = Tagging.Observe(_facts, JournalReader.ToDomain(made), rulebook, asOf);
        }

        return _facts;
    }

    private bool IsLeftOut(JournaledEvent journaled) => isPast && journaled.OccurredAt > asOf;
}
