using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Processing.Evaluation;

/// <summary>A run that revises customers, such as a replay.</summary>
/// <param name="Run">Its id, which its changes carry.</param>
/// <param name="IsQuiet">Whether nobody is told of them.</param>
internal sealed record RevisionSource(string Run, bool IsQuiet);

/// <summary>A customer's next document, not saved yet, with its facts in the form that rules read.</summary>
internal readonly record struct Revision(CustomerDocument Document, CustomerFacts Facts)
{
    /// <summary>The customer, if the document has something to tell once it is saved.</summary>
    public UntoldCustomer? Untold => Document.Outbox is null ? null : new(Document, Facts.Traits);

    /// <summary>Settles and decides a customer, and puts what differs into the outbox.</summary>
    /// <param name="stored">The document that the revision replaces; null for none.</param>
    /// <param name="before">The facts of <paramref name="stored"/>; null if there are none or they belong to other measures.</param>
    /// <param name="facts">With all events observed.</param>
    /// <param name="unjournaled">What <paramref name="stored"/> has of them and the journal is not known to have.</param>
    /// <param name="rulebook">Not of an earlier number than the one that decided <paramref name="stored"/>: what is behind must first take up the version in force.</param>
    /// <param name="asOf">From <see cref="AsOf"/>.</param>
    /// <param name="source">The run that does it; null for none.</param>
    /// <exception cref="ArgumentException">It is of an earlier one.</exception>
    public static Revision Of(
        string customer,
        CustomerDocument? stored,
        CustomerFacts? before,
        CustomerFacts facts,
        ImmutableArray<string> applied,
        ImmutableArray<JournaledEvent> unjournaled,
        Rulebook rulebook,
        Instant asOf,
        ChangeCause cause,
        RevisionSource? source = null)
    {
        if (stored?.RulebookNumber > rulebook.Number)
            throw new ArgumentException($"Version {stored.RulebookNumber} of the rulebook decided {customer}, which {rulebook.Number} must not take back.", nameof(rulebook));
        var settled = Tagging.Settle(facts, rulebook, asOf);
        var decision = Tagging.Decide(settled, stored?.Tags ?? TagSet.Empty, rulebook, asOf, cause);
        if (source is { IsQuiet: true })
            decision = decision.Untold(stored?.Tags ?? TagSet.Empty);
        var version = (stored?.Version ?? 0) + 1;
        var outbox = stored?.Outbox;
        if (stored is null || source is not null || !decision.Changes.IsEmpty || TraitsMayBeNews(stored, before, decision.Facts, rulebook))
        {
            // What follows from the changes, such as memberships, is told with the cause that they have: the rulebook's, for who comes under another one by what they do.
            var told = decision.Changes.IsEmpty || decision.Changes.Any(change => change.Cause != decision.Changes[0].Cause) ? cause : decision.Changes[0].Cause;
            var changes = source is null ? decision.Changes : [.. decision.Changes.Select(change => change with { Run = source.Run })];
            outbox = new(version, asOf, told, outbox is null ? changes : outbox.Changes.AddRange(changes)) { Run = source?.Run, IsQuiet = source is { IsQuiet: true } };
        }

        var document = new CustomerDocument
        {
            Customer = customer,
            Version = version,
            EvaluatedAt = asOf,
            WakesAt = Earlier(decision.ChangesAt, decision.Facts.NextWaiting),
            Facts = StoredFacts.Of(decision.Facts),
            Tags = decision.Tags,
            RulebookNumber = rulebook.Number,
            Applied = applied,
            Unjournaled = decision.Assignments.IsEmpty ? unjournaled
                : unjournaled.AddRange(decision.Assignments.Select(assignment => AssignmentEvents.ToJournal(customer, assignment))),
            Outbox = outbox,
        };
        return new(document, decision.Facts);
    }

    /// <summary>The instant for which to decide a customer: now, but never before the instant of the decision before, in whole milliseconds.</summary>
    /// <remarks>Clocks of several evaluators differ; what one has decided, another must not take back for being behind.</remarks>
    public static Instant AsOf(CustomerDocument? stored, TimeProvider clock)
    {
        var now = Now(clock);
        return stored is null || stored.EvaluatedAt < now ? now : stored.EvaluatedAt;
    }

    /// <summary>The clock's instant in whole milliseconds.</summary>
    public static Instant Now(TimeProvider clock) => Instant.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>
    /// Whether projection might not know the traits that segments use. Under a rulebook that names traits, a document decided by another one counts
    /// as news: those traits may have changed untold while no segment used them.
    /// </summary>
    private static bool TraitsMayBeNews(CustomerDocument stored, CustomerFacts? before, CustomerFacts after, Rulebook rulebook)
    {
        var names = rulebook.SegmentTraits;
        if (names.IsEmpty)
            return false;
        if (before is null || !rulebook.Decided(stored.Tags.Rulebook))
            return true;
        foreach (var name in names)
        {
            if (before.Traits[name] != after.Traits[name])
                return true;
        }

        return false;
    }

    private static Instant? Earlier(Instant? one, Instant? other) =>
        one is { } first && other is { } second ? Instant.Min(first, second) : one ?? other;
}
