using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Rejections;

namespace TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;

/// <summary>A store in memory that does every part of an operation at a choice point of its own.</summary>
/// <remarks>
/// As weak as the ports allow: only one document or one journal entry is read at once, and documents are saved one by one before events are
/// appended customer by customer. What holds here holds on a store with transactions too.
/// </remarks>
internal sealed class ExploredStore(IChoicePoints choices) : ICustomerDocuments, IJournal, IRejectedEvents, IChangeSink
{
    public Task<IReadOnlyList<CustomerDocument>> PeekAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) => LoadAsync(customers, cancellationToken);

    public async Task<IReadOnlyList<CustomerDocument>> LoadAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken)
    {
        var found = new List<CustomerDocument>();
        foreach (var customer in customers)
        {
            if (await choices.StepAsync($"reads the document of {customer}", state => (state, state.Documents.GetValueOrDefault(customer))) is { } document)
                found.Add(document);
        }

        return found;
    }

    public async Task<IReadOnlyList<CommitResult>> CommitAsync(IReadOnlyList<CustomerCommit> commits, CancellationToken cancellationToken)
    {
        var saved = new bool[commits.Count];
        for (var i = 0; i < commits.Count; i++)
            saved[i] = commits[i].Document is not { } document || await SaveAsync(document, commits[i].ExpectedVersion);
        var results = new CommitResult[commits.Count];
        for (var i = 0; i < commits.Count; i++)
        {
            results[i] = new(saved[i], saved[i] && commits[i].Events.Count > 0 ? await AppendAsync(commits[i].Events) : 0);
            if (saved[i] && commits[i].Document is { Unjournaled: { IsEmpty: false } made })
                await AppendAsync(made);
        }

        return results;
    }

    public async Task ClearOutboxesAsync(IReadOnlyCollection<PublishedRevision> published, CancellationToken cancellationToken)
    {
        foreach (var (customer, revision) in published)
        {
            await choices.StepAsync($"clears the outbox of {customer}", state =>
                state.Documents.GetValueOrDefault(customer) is { Outbox: { } outbox } document && outbox.Revision <= revision
                    ? (state with { Documents = state.Documents.SetItem(customer, document with { Outbox = null }) }, true)
                    : (state, false));
        }
    }

    public Task<IReadOnlyList<DueCustomer>> DueAsync(Instant until, DueCustomer? after, int limit, CancellationToken cancellationToken) =>
        QueryAsync("asks who is due", state => state.Documents.Values
            .Where(document => document.WakesAt <= until)
            .Select(document => new DueCustomer(document.Customer, document.WakesAt!.Value))
            .Where(due => after is not { } last || due.WakesAt > last.WakesAt || (due.WakesAt == last.WakesAt && StoreState.OfIds.Compare(due.Customer, last.Customer) > 0))
            .OrderBy(due => due.WakesAt).ThenBy(due => due.Customer, StoreState.OfIds).Take(limit));

    public Task<IReadOnlyList<string>> WithOutboxAsync(string? after, int limit, CancellationToken cancellationToken) =>
        QueryAsync("asks who has an outbox", state => From(state, after).Where(document => document.Outbox is not null).Select(document => document.Customer).Take(limit));

    public Task<IReadOnlyList<string>> NotDecidedByAsync(string rulebookVersion, string? after, int limit, CancellationToken cancellationToken) =>
        QueryAsync("asks whom another rulebook decided", state =>
            From(state, after).Where(document => document.Tags.Rulebook != rulebookVersion).Select(document => document.Customer).Take(limit));

    public async Task<long> CountNotDecidedByAsync(string rulebookVersion, CancellationToken cancellationToken) =>
        (await NotDecidedByAsync(rulebookVersion, null, int.MaxValue, cancellationToken)).Count;

    public Task<IReadOnlyList<string>> IdsAsync(string? after, int limit, CancellationToken cancellationToken) =>
        QueryAsync("asks for ids", state => From(state, after).Select(document => document.Customer).Take(limit));

    public async Task<long> CountAsync(CancellationToken cancellationToken) => (await IdsAsync(null, int.MaxValue, cancellationToken)).Count;

    public Task<IReadOnlyList<CustomerDocument>> ScanAsync(string? after, int limit, CancellationToken cancellationToken) =>
        QueryAsync("scans documents", state => From(state, after).Take(limit));

    public async Task<IReadOnlySet<EventKey>> KnownAsync(IReadOnlyCollection<EventKey> keys, CancellationToken cancellationToken)
    {
        var known = new HashSet<EventKey>();
        foreach (var key in keys)
        {
            if (await choices.StepAsync($"asks the journal for {key.EventId} of {key.Customer}", state => (state, state.Journal.ContainsKey(key))))
                known.Add(key);
        }

        return known;
    }

    public Task<IReadOnlyList<JournaledEvent>> ReadAsync(string customer, CancellationToken cancellationToken) =>
        QueryAsync($"reads the journal of {customer}", state => InOrder(state.Journal.Values.Where(journaled => journaled.Customer == customer)));

    public Task<IReadOnlyList<string>> CustomersAsync(string? after, int limit, CancellationToken cancellationToken) =>
        QueryAsync("asks the journal for customers", state => state.Journal.Keys.Select(key => key.Customer)
            .Where(customer => string.CompareOrdinal(customer, after) > 0).Distinct().Order(StringComparer.Ordinal).Take(limit));

    public async IAsyncEnumerable<JournaledEvent> ReadManyAsync(
        IReadOnlyCollection<string> customers, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var customer in customers)
        {
            foreach (var journaled in await ReadAsync(customer, cancellationToken))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return journaled;
            }
        }
    }

    public Task<IReadOnlyList<string>> WithoutEventsAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) =>
        QueryAsync("asks the journal who has no events", state => customers.Except(state.Journal.Keys.Select(key => key.Customer)));

    Task<long> IJournal.CountAsync(CancellationToken cancellationToken) =>
        choices.StepAsync("counts the journal", state => (state, (long)state.Journal.Count));

    public Task AddAsync(IReadOnlyList<RejectedEvent> events, CancellationToken cancellationToken) =>
        choices.StepAsync("sets events aside", state =>
        {
            var added = events.Where(rejected => !state.Rejected.Exists(before => before.Id == rejected.Id)).DistinctBy(rejected => rejected.Id).ToList();
            return (state with { Rejected = state.Rejected.AddRange(added) }, added.Count);
        });

    public async Task<IReadOnlyList<(long Position, RejectedEvent Event)>> ListAsync(RejectionFilter filter, long after, int limit, CancellationToken cancellationToken)
    {
        var all = await choices.StepAsync("lists what was set aside", state => (state, state.Rejected));
        return [.. all.Select((rejected, position) => (Position: position + 1L, rejected)).Where(entry => entry.Position > after && filter.Fits(entry.rejected)).Take(limit)];
    }

    // Evaluation adds, and nothing else.
    Task<IReadOnlyList<RejectionGroup>> IRejectedEvents.GroupAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<RejectedEvent?> IRejectedEvents.FindAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<long> IRejectedEvents.NewestPositionAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    Task IRejectedEvents.ReplaceReasonAsync(string id, Rejection rejection, string? steps, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<int> IRejectedEvents.RemoveAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<long> IRejectedEvents.CountAsync(CancellationToken cancellationToken) =>
        choices.StepAsync("counts what was set aside", state => (state, (long)state.Rejected.Count));

    public async Task PublishAsync(IReadOnlyList<TagsChanged> messages, CancellationToken cancellationToken)
    {
        foreach (var message in messages)
            await choices.StepAsync($"tells of {message.CustomerId}", state => (state.Tell(message), true), isUnseen: true);
    }

    private Task<bool> SaveAsync(CustomerDocument document, long expectedVersion) =>
        choices.StepAsync($"saves the document of {document.Customer}", state =>
        {
            var stored = state.Documents.GetValueOrDefault(document.Customer);
            if ((stored?.Version ?? 0) != expectedVersion)
                return (state, false);
            if (stored?.RulebookNumber > document.RulebookNumber)
                state = state with { Faults = state.Faults.Add($"{document.Customer} was taken back from version {stored.RulebookNumber} of the rulebook to {document.RulebookNumber}") };
            return (state with { Documents = state.Documents.SetItem(document.Customer, document) }, true);
        });

    private Task<int> AppendAsync(IReadOnlyList<JournaledEvent> events) =>
        choices.StepAsync($"journals {string.Join(", ", events.Select(journaled => journaled.EventId))}", state =>
        {
            var added = events.Where(journaled => !state.Journal.ContainsKey(journaled.Key)).DistinctBy(journaled => journaled.Key).ToList();
            return (state with { Journal = state.Journal.AddRange(added.Select(journaled => KeyValuePair.Create(journaled.Key, journaled))) }, added.Count);
        });

    private Task<IReadOnlyList<T>> QueryAsync<T>(string name, Func<StoreState, IEnumerable<T>> query) =>
        choices.StepAsync<IReadOnlyList<T>>(name, state => (state, query(state).ToArray()));

    private static IEnumerable<CustomerDocument> From(StoreState state, string? after) =>
        after is null ? state.Documents.Values : state.Documents.Values.Where(document => StoreState.OfIds.Compare(document.Customer, after) > 0);

    private static IEnumerable<JournaledEvent> InOrder(IEnumerable<JournaledEvent> events) =>
        events.OrderBy(journaled => journaled.OccurredAt).ThenBy(journaled => journaled.EventId, StoreState.OfIds);
}
