using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Domain.Customers;

/// <summary>Gathers a customer's facts from many events, one after the other: the same facts as by observing each by itself, without a version of them for each.</summary>
/// <remarks>What it holds stays within the limits of facts, however many events come. Not safe for concurrent use.</remarks>
public sealed class FactsBuilder
{
    private const int SettledAfter = 256;

    private readonly long _asOf;
    private FactsEditor _editor;
    private int _unsettled;

    /// <param name="known">What is known before the first of the events.</param>
    /// <param name="asOf">As of <see cref="Tagging.Observe(CustomerFacts, CustomerEvent, Rulebook, Instant)"/>.</param>
    /// <exception cref="ArgumentException">The facts were gathered under other measures than the rulebook's.</exception>
    public FactsBuilder(CustomerFacts known, Rulebook rulebook, Instant asOf)
    {
        Tagging.RequireOwnFacts(known, rulebook);
        (_asOf, _editor) = (asOf.ToUnixTimeMilliseconds(), new(known));
    }

    /// <summary>Takes one more event, which must not have been observed before.</summary>
    public void Observe(CustomerEvent observed)
    {
        _editor.Observe(observed, _asOf);
        if (++_unsettled < SettledAfter)
            return;
        _editor.Settle(_asOf);
        _unsettled = 0;
    }

    /// <summary>The facts with all events so far, settled. More events may follow.</summary>
    public CustomerFacts ToFacts()
    {
        _editor.Release(_asOf);
        _editor.Settle(_asOf);
        var facts = _editor.ToFacts();
        (_editor, _unsettled) = (new(facts), 0);
        return facts;
    }
}
