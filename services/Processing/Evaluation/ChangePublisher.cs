using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Processing.Evaluation;

/// <summary>Tells what outboxes hold, and clears them once it is safe: at least once, whatever crashes in between.</summary>
public sealed class ChangePublisher(ICustomerDocuments documents, IChangeSink sink, CurrentRulebook rulebook, CurrentShare share)
{
    /// <summary>How many outboxes a sweep looks at, and of these tells those of its share, at once.</summary>
    public const int PageSize = 500;

    /// <summary>Tells of these customers and clears their outboxes. If it fails, all of them stay for a sweep.</summary>
    public async Task PublishAsync(IReadOnlyList<UntoldCustomer> customers, CancellationToken cancellationToken)
    {
        if (customers.Count == 0)
            return;
        await sink.PublishAsync([.. customers.Select(ChangeMessages.Of)], cancellationToken);
        var published = customers.Select(customer => new PublishedRevision(customer.Document.Customer, customer.Document.Outbox!.Revision));
        await documents.ClearOutboxesAsync([.. published], cancellationToken);
    }

    /// <summary>
    /// Goes once through all outboxes of this evaluator's share: those that a crash or a failed publication left. Others may be told of twice.
    /// One whose facts belong to other measures is left until its customer is rebuilt.
    /// </summary>
    /// <returns>How many customers were told of.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var told = 0;
        string? after = null;
        while (true)
        {
            var page = await documents.WithOutboxAsync(after, PageSize, cancellationToken);
            if (page.Count == 0)
                return told;
            var current = rulebook.Value;
            var stored = await documents.LoadAsync(page.Where(share.Value.Has).ToList(), cancellationToken);
            var untold = stored.Select(document => UntoldCustomer.Of(document, current)).OfType<UntoldCustomer>().ToList();
            await PublishAsync(untold, cancellationToken);
            told += untold.Count;
            after = page[^1];
        }
    }
}
