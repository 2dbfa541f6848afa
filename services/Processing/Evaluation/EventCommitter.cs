using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Rejections;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Processing.Evaluation;

/// <summary>What became of a batch, all of it durable.</summary>
/// <param name="Accepted">Events new to the journal.</param>
/// <param name="Duplicate">Events that the journal had already, or that the batch repeats.</param>
/// <param name="Rejected">Events set aside with their reason.</param>
/// <param name="Overtaken">Saves that another came before, so that they were made again.</param>
/// <param name="Untold">Customers of the batch whose changes are not known to be published.</param>
public sealed record CommittedBatch(int Accepted, int Duplicate, int Rejected, int Overtaken, IReadOnlyList<UntoldCustomer> Untold);

/// <summary>Some customers must be rebuilt first, and cannot be until other deliveries are finished.</summary>
/// <remarks>Delivering the batch again later is harmless and the remedy.</remarks>
public sealed class UnfinishedDeliveryException(int customers)
    : Exception($"{customers} customers wait for deliveries that were begun and not finished.");

/// <summary>Brings events into customer documents and the journal: each exactly once, however often it is delivered.</summary>
/// <remarks>
/// This is the commit protocol. Its safety lies in an order: documents are read before the journal is asked, and saved before the journal is appended to.
/// An event id leaves a document's applied ids only once the journal has it, so whoever finds an id in neither place holds an outdated document, whose
/// save fails, or is the first. Any step may be the last before a crash; delivering the batch again finishes what was begun. Safe for concurrent use.
/// </remarks>
public sealed class EventCommitter(
    ICustomerDocuments documents, IJournal journal, IRejectedEvents rejections, CustomerRebuilder rebuilder, TimeProvider clock)
{
    /// <summary>Commits a batch: on return each event is in the journal and in its customer's document, or among the rejected.</summary>
    /// <remarks>A customer whom a later version of the rulebook decided already is decided by that one.</remarks>
    /// <exception cref="UnfinishedDeliveryException">All but the customers that it tells of is committed.</exception>
    public async Task<CommittedBatch> CommitAsync(IReadOnlyList<ShopEvent> events, CurrentRulebook current, CancellationToken cancellationToken)
    {
        var rulebook = current.Value;
        var batch = BatchOfEvents.Sort(events, clock.GetUtcNow());
        if (batch.Rejected.Count > 0)
            await rejections.AddAsync(batch.Rejected, cancellationToken);

        var (accepted, overtaken, waiting) = (0, 0, 0);
        var untold = new List<UntoldCustomer>();
        var open = batch.Customers;
        while (open.Count > 0)
        {
            var steps = await PlanAsync(open, rulebook, cancellationToken);
            if (steps.Find(step => step.Kind == StepKind.Behind).Stored is { } ahead)
            {
                rulebook = await current.AtLeastAsync(ahead.RulebookNumber, cancellationToken);
                continue;
            }

            var commits = steps.FindAll(step => step.Commit is not null).ConvertAll(step => step.Commit!);
            var results = commits.Count == 0 ? [] : await documents.CommitAsync(commits, cancellationToken);
            var committed = 0;
            open = [];
            foreach (var step in steps)
            {
                var result = step.Commit is null ? default : results[committed++];
                accepted += result.Appended;
                overtaken += step.Kind == StepKind.Save && !result.Saved ? 1 : 0;
                if (step.Kind == StepKind.Rebuild)
                {
                    var rebuild = await rebuilder.RebuildAsync(step.Of.Customer, rulebook, ChangeCause.Rulebook, cancellationToken);
                    if (rebuild.Outcome == RebuildOutcome.AwaitsDelivery)
                        waiting++;
                    else
                        open.Add(step.Of);
                }
                else if (step.Kind == StepKind.AppendThenReadAgain || (step.Kind == StepKind.Save && !result.Saved))
                {
                    open.Add(step.Of);
                }
                else if (step.Untold(rulebook) is { } told)
                {
                    untold.Add(told);
                }
            }
        }

        return waiting == 0
            ? new(accepted, batch.Valid - accepted, batch.Rejected.Count, overtaken, untold)
            : throw new UnfinishedDeliveryException(waiting);
    }

    /// <summary>Reads the documents and <em>then</em> the journal; the other way round, an event could be observed twice.</summary>
    private async Task<List<CustomerStep>> PlanAsync(List<CustomerEvents> open, Rulebook rulebook, CancellationToken cancellationToken)
    {
        var stored = (await documents.LoadAsync(open.ConvertAll(customer => customer.Customer), cancellationToken))
            .ToDictionary(document => document.Customer, StringComparer.Ordinal);
        var keys = new HashSet<EventKey>(open.Count * 2);
        foreach (var customer in open)
        {
            foreach (var batched in customer.Events)
                keys.Add(batched.Key);
            if (!stored.TryGetValue(customer.Customer, out var document))
                continue;
            foreach (var eventId in document.Applied)
                keys.Add(new(customer.Customer, eventId));
            foreach (var made in document.Unjournaled)
                keys.Add(made.Key);
        }

        var known = await journal.KnownAsync(keys, cancellationToken);
        return open.ConvertAll(customer =>
            CustomerStep.Plan(customer, stored.GetValueOrDefault(customer.Customer), known, rulebook, clock));
    }
}
