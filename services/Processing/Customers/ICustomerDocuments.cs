using NodaTime;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Processing.Customers;

/// <summary>Where customer documents are kept.</summary>
/// <remarks>
/// Every operation is atomic for one document and durable when it returns; none is needed over several documents. A customer's versions only grow, so that
/// whoever has seen a version knows its content. The order of ids, here and in the other storage
/// ports, is that of their bytes in UTF-8, which is the order of code points (and not .NET's ordinal where surrogates are involved).
/// </remarks>
public interface ICustomerDocuments
{
    /// <summary>The stored documents of these customers, in any order; those never stored are left out. Reads what was last committed.</summary>
    Task<IReadOnlyList<CustomerDocument>> LoadAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken);

    /// <summary>As <see cref="LoadAsync"/>, for whoever goes through very many once: what was not at hand is not kept at hand.</summary>
    Task<IReadOnlyList<CustomerDocument>> PeekAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken);

    /// <summary>
    /// Saves each document if the stored one still has the expected version, then appends the events of those that were saved (and of commits without
    /// a document), and those that the saved documents call unjournaled, to the journal, where an event that is there already is fine.
    /// </summary>
    /// <returns>One result for each commit, in order.</returns>
    /// <remarks>
    /// An adapter with transactions does all of it in one. Otherwise a crash may leave a document saved whose events are not journaled;
    /// never the other way round. At most one commit for a customer.
    /// </remarks>
    Task<IReadOnlyList<CommitResult>> CommitAsync(IReadOnlyList<CustomerCommit> commits, CancellationToken cancellationToken);

    /// <summary>Removes each customer's outbox if its revision is not above the one given. Leaves the version as it is.</summary>
    Task ClearOutboxesAsync(IReadOnlyCollection<PublishedRevision> published, CancellationToken cancellationToken);

    /// <summary>Customers that want to be decided at or before an instant: by ascending instant, then customer, after the one given (null: from the first).</summary>
    Task<IReadOnlyList<DueCustomer>> DueAsync(Instant until, DueCustomer? after, int limit, CancellationToken cancellationToken);

    /// <summary>Customers with an outbox, by ascending id after the one given (null: from the first).</summary>
    Task<IReadOnlyList<string>> WithOutboxAsync(string? after, int limit, CancellationToken cancellationToken);

    /// <summary>Customers whose tags were decided under another rulebook version or snapshot (<see cref="Domain.Rules.Rulebook.DecidesAs"/>), by ascending id after the one given (null: from the first).</summary>
    Task<IReadOnlyList<string>> NotDecidedByAsync(string rulebookVersion, string? after, int limit, CancellationToken cancellationToken);

    /// <summary>How many customers <see cref="NotDecidedByAsync"/> would name in all.</summary>
    Task<long> CountNotDecidedByAsync(string rulebookVersion, CancellationToken cancellationToken);

    /// <summary>The ids of all customers, by ascending id after the one given (null: from the first).</summary>
    Task<IReadOnlyList<string>> IdsAsync(string? after, int limit, CancellationToken cancellationToken);

    /// <summary>How many customers there are.</summary>
    Task<long> CountAsync(CancellationToken cancellationToken);

    /// <summary>All documents, by ascending id after the one given (null: from the first).</summary>
    Task<IReadOnlyList<CustomerDocument>> ScanAsync(string? after, int limit, CancellationToken cancellationToken);
}

/// <summary>One customer's part of a commit.</summary>
/// <param name="Customer">Whose.</param>
/// <param name="Document">The document to save, its version one above the expected; null when only events are appended.</param>
/// <param name="ExpectedVersion">The version that must be stored; 0 for none.</param>
/// <param name="Events">Appended to the journal if the document is saved; all of this customer.</param>
public sealed record CustomerCommit(string Customer, CustomerDocument? Document, long ExpectedVersion, IReadOnlyList<JournaledEvent> Events);

/// <param name="Saved">False if another save came first: nothing of this commit was done.</param>
/// <param name="Appended">How many of its events were new to the journal; those that the document calls unjournaled are not counted.</param>
public readonly record struct CommitResult(bool Saved, int Appended);

public readonly record struct PublishedRevision(string Customer, long Revision);

public readonly record struct DueCustomer(string Customer, Instant WakesAt);
