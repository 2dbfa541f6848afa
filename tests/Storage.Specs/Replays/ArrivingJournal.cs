using System.Runtime.CompilerServices;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Storage.Specs.Replays;

/// <summary>Something happens, once, before the so-manieth page of customers is read from the journal: their documents were read before.</summary>
internal sealed class ArrivingJournal(IJournal journal, Func<Task> happens, int atRead = 1) : IJournal
{
    private int _reads;

    public async IAsyncEnumerable<JournaledEvent> ReadManyAsync(IReadOnlyCollection<string> customers, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _reads) == atRead)
            await happens();
        await foreach (var journaled in journal.ReadManyAsync(customers, cancellationToken))
            yield return journaled;
    }

    public Task<IReadOnlySet<EventKey>> KnownAsync(IReadOnlyCollection<EventKey> keys, CancellationToken cancellationToken) => journal.KnownAsync(keys, cancellationToken);

    public Task<IReadOnlyList<JournaledEvent>> ReadAsync(string customer, CancellationToken cancellationToken) => journal.ReadAsync(customer, cancellationToken);

    public Task<IReadOnlyList<string>> CustomersAsync(string? after, int limit, CancellationToken cancellationToken) => journal.CustomersAsync(after, limit, cancellationToken);

    public Task<IReadOnlyList<string>> WithoutEventsAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) => journal.WithoutEventsAsync(customers, cancellationToken);

    public Task<long> CountAsync(CancellationToken cancellationToken) => journal.CountAsync(cancellationToken);
}
