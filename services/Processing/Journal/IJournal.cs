using NodaTime;

namespace TaggingPipeline.Processing.Journal;

/// <summary>Names an event: ids are unique within a customer.</summary>
public readonly record struct EventKey(string Customer, string EventId);

/// <summary>An event as recorded.</summary>
/// <param name="Body">The event as UTF-8 JSON: a <c>ShopEvent</c> of the contracts.</param>
public sealed record JournaledEvent(string Customer, string EventId, Instant OccurredAt, ReadOnlyMemory<byte> Body)
{
    public EventKey Key => new(Customer, EventId);
}

/// <summary>The append-only record of every accepted event: the source of truth. Events are appended by <see cref="Customers.ICustomerDocuments.CommitAsync"/>.</summary>
public interface IJournal
{
    /// <summary>Of so many events of a customer the order is kept by <see cref="ReadManyAsync"/>.</summary>
    const int MostInOrder = 10_000;

    /// <summary>Which of these events it has. Reads what was last committed.</summary>
    Task<IReadOnlySet<EventKey>> KnownAsync(IReadOnlyCollection<EventKey> keys, CancellationToken cancellationToken);

    /// <summary>All events of a customer, by instant and then id in the order of UTF-8.</summary>
    Task<IReadOnlyList<JournaledEvent>> ReadAsync(string customer, CancellationToken cancellationToken);

    /// <summary>
    /// Customers who have events, after the one given (null: from the first), in an order of the journal's own: the same for ever, and the one in which <see cref="ReadManyAsync"/>
    /// costs least.
    /// </summary>
    /// <param name="after">Any id, of a customer who has events or has none.</param>
    /// <param name="limit">How many at most; fewer only at the end.</param>
    Task<IReadOnlyList<string>> CustomersAsync(string? after, int limit, CancellationToken cancellationToken);

    /// <summary>The events of these customers, one customer after another. Reads what was committed before it began, and perhaps what was since.</summary>
    /// <remarks>
    /// A customer's events come in the order of <see cref="ReadAsync"/>; of those who have more than <see cref="MostInOrder"/>, in runs of so many that are each in that order. Bounded memory.
    /// Several may be read at once.
    /// </remarks>
    IAsyncEnumerable<JournaledEvent> ReadManyAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken);

    /// <summary>Those of the customers who have no event.</summary>
    Task<IReadOnlyList<string>> WithoutEventsAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken);

    /// <summary>How many events there are.</summary>
    Task<long> CountAsync(CancellationToken cancellationToken);
}
