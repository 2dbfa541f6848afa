using System.Collections.Immutable;
using System.Runtime.InteropServices;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Processing.Evaluation;

internal enum StepKind
{
    /// <summary>The journal has all of its events.</summary>
    None,

    /// <summary>The document has all events that the journal lacks: a delivery before this one did not get further.</summary>
    Append,

    /// <summary>As <see cref="Append"/>, for a document that must be rebuilt before it can take the other events.</summary>
    AppendThenReadAgain,

    /// <summary>The document's facts belong to other measures.</summary>
    Rebuild,

    /// <summary>There are events to observe.</summary>
    Save,

    /// <summary>A later version of the rulebook decided the document: it must be planned again under that one.</summary>
    Behind,
}

/// <summary>What the commit protocol does next for one customer of a batch.</summary>
/// <param name="Commit">Null for <see cref="StepKind.None"/>, <see cref="StepKind.Rebuild"/> and <see cref="StepKind.Behind"/>.</param>
/// <param name="Revised">What <paramref name="Commit"/> saves, for <see cref="StepKind.Save"/>.</param>
internal readonly record struct CustomerStep(
    StepKind Kind, CustomerEvents Of, CustomerDocument? Stored, CustomerCommit? Commit = null, Revision? Revised = null)
{
    /// <summary>A customer whose saved document still has something to tell when this step is done.</summary>
    public UntoldCustomer? Untold(Rulebook rulebook) =>
        Revised is { } revised ? revised.Untold : Stored is null ? null : UntoldCustomer.Of(Stored, rulebook);

    /// <param name="stored">Read before <paramref name="known"/>.</param>
    /// <param name="known">Those of the batch's ids and of the document's applied and unjournaled ones that the journal has.</param>
    public static CustomerStep Plan(
        CustomerEvents customer, CustomerDocument? stored, IReadOnlySet<EventKey> known, Rulebook rulebook, TimeProvider clock)
    {
        if (stored?.RulebookNumber > rulebook.Number)
            return new(StepKind.Behind, customer, stored);
        var missing = customer.Events.FindAll(batched => !known.Contains(batched.Key));
        if (missing.Count == 0)
            return new(StepKind.None, customer, stored);

        var begun = stored is null || stored.Applied.IsEmpty ? [] : missing.FindAll(batched => IsApplied(stored, batched.Key.EventId));
        if (begun.Count == missing.Count)
            return new(StepKind.Append, customer, stored, Appending(customer, begun));

        var before = stored?.Facts.For(rulebook);
        if (stored is not null && before is null)
        {
            return begun.Count == 0
                ? new(StepKind.Rebuild, customer, stored)
                : new(StepKind.AppendThenReadAgain, customer, stored, Appending(customer, begun));
        }

        var asOf = Revision.AsOf(stored, clock);
        var facts = before ?? CustomerFacts.Of(rulebook);
        var applied = ImmutableArray.CreateBuilder<string>(missing.Count);
        if (stored is not null)
            applied.AddRange(stored.Applied.Where(id => !known.Contains(new(stored.Customer, id))));
        var observed = new List<CustomerEvent>(missing.Count);
        foreach (var batched in missing)
        {
            if (stored is not null && IsApplied(stored, batched.Key.EventId))
                continue;
            observed.Add(batched.Observed);
            applied.Add(batched.Key.EventId);
        }

        facts = Tagging.Observe(facts, CollectionsMarshal.AsSpan(observed), rulebook, asOf);

        applied.Sort(StringComparer.Ordinal);
        var unjournaled = stored is null ? [] : stored.Unjournaled.RemoveAll(made => known.Contains(made.Key));
        var revised = Revision.Of(customer.Customer, stored, before, facts, applied.DrainToImmutable(), unjournaled, rulebook, asOf, ChangeCause.Event);
        var commit = new CustomerCommit(customer.Customer, revised.Document, stored?.Version ?? 0, missing.ConvertAll(batched => batched.Journaled));
        return new(StepKind.Save, customer, stored, commit, revised);
    }

    private static CustomerCommit Appending(CustomerEvents customer, List<BatchedEvent> begun) =>
        new(customer.Customer, null, 0, begun.ConvertAll(batched => batched.Journaled));

    private static bool IsApplied(CustomerDocument stored, string eventId) => stored.Applied.BinarySearch(eventId, StringComparer.Ordinal) >= 0;
}
