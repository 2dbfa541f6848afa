using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;

namespace TaggingPipeline.Processing.Evaluation;

/// <param name="Saved">How many customers were decided.</param>
/// <param name="Overtaken">How many were not, because another save came first, or a later version of the rulebook than the one given.</param>
public readonly record struct Redecided(int Saved, int Overtaken);

/// <summary>Decides stored customers again though no event came, and tells what changed.</summary>
/// <remarks>Safe for concurrent use: of several saves of one document the first stands, and the others are dropped.</remarks>
public sealed class CustomerRedecider(ICustomerDocuments documents, CustomerRebuilder rebuilder, ChangePublisher publisher, TimeProvider clock)
{
    /// <summary>Decides each customer once. One whose facts belong to other measures is rebuilt, with cause <see cref="ChangeCause.Rulebook"/>.</summary>
    public async Task<Redecided> DecideAsync(
        IReadOnlyCollection<CustomerDocument> customers, Rulebook rulebook, ChangeCause cause, CancellationToken cancellationToken)
    {
        var (saved, overtaken) = (0, 0);
        var untold = new List<UntoldCustomer>();
        var revisions = new List<Revision>(customers.Count);
        var unjournaled = customers.Where(stored => !stored.Unjournaled.IsEmpty).Select(CustomerRebuilder.Journaling).ToList();
        if (unjournaled.Count > 0)
            await documents.CommitAsync(unjournaled, cancellationToken);
        foreach (var stored in customers)
        {
            if (stored.RulebookNumber > rulebook.Number)
            {
                overtaken++;
                continue;
            }

            if (stored.Facts.For(rulebook) is { } facts)
            {
                var asOf = Revision.AsOf(stored, clock);
                revisions.Add(Revision.Of(stored.Customer, stored, facts, facts, stored.Applied, [], rulebook, asOf, cause));
                continue;
            }

            var rebuild = await rebuilder.RebuildAsync(stored.Customer, rulebook, ChangeCause.Rulebook, cancellationToken);
            saved += rebuild.Outcome == RebuildOutcome.Rebuilt ? 1 : 0;
            overtaken += rebuild.Outcome == RebuildOutcome.Overtaken ? 1 : 0;
            if (rebuild.Untold is { } rebuilt)
                untold.Add(rebuilt);
        }

        if (revisions.Count > 0)
        {
            var commits = revisions.ConvertAll(revision =>
                new CustomerCommit(revision.Document.Customer, revision.Document, revision.Document.Version - 1, []));
            var results = await documents.CommitAsync(commits, cancellationToken);
            for (var i = 0; i < revisions.Count; i++)
            {
                if (!results[i].Saved)
                {
                    overtaken++;
                    continue;
                }

                saved++;
                if (revisions[i].Untold is { } revised)
                    untold.Add(revised);
            }
        }

        await publisher.PublishAsync(untold, cancellationToken);
        return new(saved, overtaken);
    }
}
