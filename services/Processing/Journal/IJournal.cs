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
    /// <summary>Which of these events it has. Reads what was last committed.</summary>
    Task<IReadOnlySet<EventKey>> KnownAsync(IReadOnlyCollection<EventKey> keys, CancellationToken cancellationToken);

    /// <summary>All events of a customer, by instant and then id in the order of UTF-8.</summary>
    Task<IReadOnlyList<JournaledEvent>> ReadAsync(string customer, CancellationToken cancellationToken);

    /// <summary>
    /// A part of the journal: every customer belongs to exactly one of the parts, and a customer's events come together, in the order of <see cref="ReadAsync"/>.
    /// Bounded memory; parts may be read at once.
    /// </summary>
    IAsyncEnumerable<JournaledEvent> ReadPartAsync(int part, int parts, CancellationToken cancellationToken);

    /// <summary>How many events there are.</summary>
    Task<long> CountAsync(CancellationToken cancellationToken);
}
