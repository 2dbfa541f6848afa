using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Processing.Replays;

/// <summary>What a replay does, once its options are read.</summary>
/// <param name="Rulebook">Under which customers are rebuilt, with its snapshot of the population.</param>
/// <param name="InForce">Under which documents are.</param>
/// <param name="AsOf">The instant as of which they are compared.</param>
/// <param name="IsPast">Whether that instant was asked for: customers as they were then are compared with what documents have now.</param>
internal sealed record ReplayTask(string Run, Rulebook Rulebook, Rulebook InForce, Instant AsOf, bool IsPast, bool Apply, bool TellsChanges);

/// <summary>Rebuilds some customers from the journal, compares them with their documents, and writes what differs if it shall.</summary>
/// <remarks>
/// Reads the documents, and <em>then</em> the journal, as <see cref="CustomerRebuilder"/> does and for the same reasons. A customer whom somebody else saved meanwhile is
/// taken up again. Safe for concurrent use; what is done twice changes nothing the second time.
/// </remarks>
internal sealed class PageReplay(ICustomerDocuments documents, IJournal journal, ChangePublisher publisher, ReplayTask task, TimeProvider clock)
{
    private const int MostAttempts = 8;

    /// <summary>Others wait for the store's writer no longer than a few documents take.</summary>
    private const int SavedTogether = 25;

    /// <summary>After so many events others have their turn on this thread.</summary>
    private const int EventsBetweenTurns = 200;

    public async Task<ReplayReport> RunAsync(IReadOnlyList<string> customers, CancellationToken cancellationToken)
    {
        var report = new PageTally();
        var open = customers;
        for (var attempt = 1; open.Count > 0; attempt++)
        {
            var overtaken = await AttemptAsync(open, report, cancellationToken);
            if (attempt == MostAttempts)
            {
                overtaken.ForEach(customer => report.Leave(customer, LeftReason.Overtaken));
                break;
            }

            open = overtaken;
        }

        return report.ToReport();
    }

    /// <returns>Whom somebody else saved meanwhile.</returns>
    private async Task<List<string>> AttemptAsync(IReadOnlyList<string> customers, PageTally report, CancellationToken cancellationToken)
    {
        var stored = (await documents.PeekAsync(customers, cancellationToken)).ToDictionary(document => document.Customer, StringComparer.Ordinal);
        var withoutEvents = customers.ToHashSet(StringComparer.Ordinal);
        var overtaken = new List<string>();
        var writes = new List<PendingWrite>();
        var found = new List<FoundDifference>();
        FoldedCustomer? customer = null;
        var sinceTurn = 0;
        await foreach (var journaled in journal.ReadManyAsync(customers, cancellationToken))
        {
            if (customer?.Customer != journaled.Customer)
            {
                await FinishAsync(customer);
                withoutEvents.Remove(journaled.Customer);
                customer = new(journaled.Customer, stored.GetValueOrDefault(journaled.Customer), task.Rulebook, task.AsOf, task.IsPast);
            }

            customer.Observe(journaled);
            if (++sinceTurn < EventsBetweenTurns)
                continue;
            sinceTurn = 0;
            await Task.Yield();
        }

        await FinishAsync(customer);
        await SaveAsync(writes, report, overtaken, cancellationToken);
        await ConfirmAsync(found, report, overtaken, cancellationToken);
        foreach (var without in withoutEvents)
        {
            // The first event of a customer is in the document before it is in the journal.
            if (!stored.TryGetValue(without, out var document))
                report.Leave(without, LeftReason.Unknown);
            else if (document.Applied.IsEmpty)
                report.AddWithoutEvents(Kept(document));
            else
                report.Leave(without, LeftReason.AwaitsDelivery);
        }

        return overtaken;

        async Task FinishAsync(FoldedCustomer? folded)
        {
            if (folded is null)
                return;
            report.Events += folded.Events;
            if (folded.AwaitsDelivery)
            {
                report.Leave(folded.Customer, LeftReason.AwaitsDelivery);
                return;
            }

            var facts = folded.Facts();
            var compared = ComparedCustomer.Of(folded.Customer, facts, folded.Stored, task);
            if (compared.Difference is null)
                report.Add(compared, isWritten: false);
            else if (!task.Apply)
                found.Add(new(folded.Customer, folded.Stored?.Version, compared));
            else if (!task.TellsChanges && folded.Stored?.Outbox is { IsQuiet: false })
                report.Leave(folded.Customer, LeftReason.AwaitsPublication);
            else if (!task.TellsChanges && folded.Stored is { } decided && decided.Tags.Rulebook != task.Rulebook.DecidesAs)
                report.Leave(folded.Customer, LeftReason.AwaitsRollover);
            else
                writes.Add(new(compared, folded.Stored, Rewrite(folded, facts)));
            if (writes.Count < SavedTogether)
                return;
            await SaveAsync(writes, report, overtaken, cancellationToken);
            writes.Clear();
        }
    }

    /// <summary>Reports differences that are none of those that an event makes which came between reading the document and reading the journal.</summary>
    private async Task ConfirmAsync(List<FoundDifference> found, PageTally report, List<string> overtaken, CancellationToken cancellationToken)
    {
        if (found.Count == 0)
            return;
        var versions = (await documents.PeekAsync([.. found.Select(each => each.Customer)], cancellationToken)).ToDictionary(document => document.Customer, document => (long?)document.Version, StringComparer.Ordinal);
        foreach (var (customer, version, compared) in found)
        {
            if (versions.GetValueOrDefault(customer) == version)
                report.Add(compared, isWritten: false);
            else
                overtaken.Add(customer);
        }
    }

    private Revision Rewrite(FoldedCustomer folded, CustomerFacts facts)
    {
        var stored = folded.Stored;
        var asOf = Instant.Max(task.AsOf, Revision.AsOf(stored, clock));
        var source = new RevisionSource(task.Run, IsQuiet: !task.TellsChanges);
        return Revision.Of(folded.Customer, stored, stored?.Facts.For(task.Rulebook), facts, [], stored?.Unjournaled ?? [], task.Rulebook, asOf, ChangeCause.Replay, source);
    }

    private async Task SaveAsync(List<PendingWrite> writes, PageTally report, List<string> overtaken, CancellationToken cancellationToken)
    {
        if (writes.Count == 0)
            return;
        var commits = writes.ConvertAll(write => new CustomerCommit(write.Revised.Document.Customer, write.Revised.Document, write.Stored?.Version ?? 0, []));
        var results = await documents.CommitAsync(commits, cancellationToken);
        var untold = new List<UntoldCustomer>(writes.Count);
        for (var i = 0; i < writes.Count; i++)
        {
            if (!results[i].Saved)
            {
                overtaken.Add(commits[i].Customer);
                continue;
            }

            report.Add(writes[i].Compared, isWritten: true);
            if (writes[i].Revised.Untold is { } told)
                untold.Add(told);
        }

        await publisher.PublishAsync(untold, cancellationToken);
    }

    private StateDigest Kept(CustomerDocument document) => document.Facts.For(task.InForce) is { } facts
        ? CustomerState.Kept(facts, document.Tags, task.InForce, Instant.Max(task.AsOf, document.EvaluatedAt)).DigestOf(document.Customer)
        : StateDigest.None with { Customers = 1 };

    private readonly record struct FoundDifference(string Customer, long? Version, ComparedCustomer Compared);

    private readonly record struct PendingWrite(ComparedCustomer Compared, CustomerDocument? Stored, Revision Revised);
}
