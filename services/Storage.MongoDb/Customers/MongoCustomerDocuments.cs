using MongoDB.Bson;
using MongoDB.Driver;
using NodaTime;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Storage.MongoDb.Database;
using TaggingPipeline.Storage.MongoDb.Journal;

namespace TaggingPipeline.Storage.MongoDb.Customers;

/// <summary>One document for each customer, its outbox within it. A commit saves documents, and then appends their events.</summary>
internal sealed class MongoCustomerDocuments(MongoDatabase database) : ICustomerDocuments
{
    private static readonly BulkWriteOptions InAnyOrder = new() { IsOrdered = false };

    private static FilterDefinitionBuilder<BsonDocument> Filter => Builders<BsonDocument>.Filter;

    private static SortDefinitionBuilder<BsonDocument> Sort => Builders<BsonDocument>.Sort;

    public async Task<IReadOnlyList<CustomerDocument>> LoadAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) =>
        customers.Count == 0 ? [] : await FindAsync(find => find(Filter.In("_id", customers)), CustomerBson.Read, cancellationToken);

    /// <remarks>Nothing is kept at hand here.</remarks>
    public Task<IReadOnlyList<CustomerDocument>> PeekAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) => LoadAsync(customers, cancellationToken);

    public Task<IReadOnlyList<CommitResult>> CommitAsync(IReadOnlyList<CustomerCommit> commits, CancellationToken cancellationToken)
    {
        var saves = commits.Where(commit => commit.Document is not null).Select(SaveOf).ToList();
        return database.Sessions.RunAsync<IReadOnlyList<CommitResult>>(
            async session =>
            {
                var lost = (await database.Customers.SaveAsync(session, saves, cancellationToken))
                    .Zip(saves, (saved, save) => saved ? null : save.Id)
                    .ToHashSet(StringComparer.Ordinal);
                var isSaved = commits.Select(commit => commit.Document is null || !lost.Contains(commit.Customer)).ToList();
                var events = commits.Select((commit, i) => isSaved[i] ? commit.Events : []).ToList();
                events.AddRange(commits.Where((commit, i) => isSaved[i] && commit.Document is not null).Select(commit => commit.Document!.Unjournaled).Where(made => !made.IsEmpty)
                    .Select(made => (IReadOnlyList<JournaledEvent>)made));
                var appended = await MongoJournal.AppendAsync(database.Journal, session, events, cancellationToken);
                return [.. isSaved.Select((saved, i) => new CommitResult(saved, appended[i]))];
            },
            cancellationToken);
    }

    public async Task ClearOutboxesAsync(IReadOnlyCollection<PublishedRevision> published, CancellationToken cancellationToken)
    {
        if (published.Count == 0)
            return;
        var clear = Builders<BsonDocument>.Update.Unset(CustomerBson.Outbox).Unset(CustomerBson.Untold);
        var clears = published.Select(revision => new UpdateOneModel<BsonDocument>(
            Filter.Eq("_id", revision.Customer) & Filter.Lte(CustomerBson.OutboxRevision, revision.Revision), clear));
        await database.Sessions.RunAsync(session => database.Customers.BulkWriteAsync(session, clears, InAnyOrder, cancellationToken), cancellationToken);
    }

    public async Task<IReadOnlyList<DueCustomer>> DueAsync(Instant until, DueCustomer? after, int limit, CancellationToken cancellationToken)
    {
        var range = Filter.Lte(CustomerBson.WakesAt, ValueBson.Write(until));
        if (after is not { } last)
            return await DueAsync(range, limit, cancellationToken);

        // Apart from each other both are ranges of the index.
        var at = ValueBson.Write(last.WakesAt);
        var sameInstant = await DueAsync(Filter.Eq(CustomerBson.WakesAt, at) & Filter.Gt("_id", last.Customer), limit, cancellationToken);
        return sameInstant.Count == limit
            ? sameInstant
            : [.. sameInstant, .. await DueAsync(Filter.Gt(CustomerBson.WakesAt, at) & range, limit - sameInstant.Count, cancellationToken)];
    }

    public Task<IReadOnlyList<string>> WithOutboxAsync(string? after, int limit, CancellationToken cancellationToken) => FindAsync(
        find => find(Filter.Gt(CustomerBson.Untold, after ?? "")).Sort(Sort.Ascending(CustomerBson.Untold)).Limit(limit)
            .Project(new BsonDocument { ["_id"] = 0, [CustomerBson.Untold] = 1 }),
        document => document[CustomerBson.Untold].AsString,
        cancellationToken);

    public Task<IReadOnlyList<string>> NotDecidedByAsync(string rulebookVersion, string? after, int limit, CancellationToken cancellationToken) =>
        database.Sessions.RunAsync(
            session => database.Customers.OfOtherRulebooksAsync(session, rulebookVersion, after, limit, cancellationToken), cancellationToken);

    public Task<long> CountNotDecidedByAsync(string rulebookVersion, CancellationToken cancellationToken) =>
        database.Sessions.RunAsync(session => database.Customers.CountOfOtherRulebooksAsync(session, rulebookVersion, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<string>> IdsAsync(string? after, int limit, CancellationToken cancellationToken) => FindAsync(
        find => find(Filter.Gt("_id", after ?? "")).Sort(Sort.Ascending("_id")).Limit(limit).Project(new BsonDocument("_id", 1)), document => document["_id"].AsString, cancellationToken);

    public Task<long> CountAsync(CancellationToken cancellationToken) => database.Sessions.RunAsync(
        session => database.Customers.CountDocumentsAsync(session, Filter.Empty, null, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<CustomerDocument>> ScanAsync(string? after, int limit, CancellationToken cancellationToken) => FindAsync(
        find => find(Filter.Gt("_id", after ?? "")).Sort(Sort.Ascending("_id")).Limit(limit), CustomerBson.Read, cancellationToken);

    /// <exception cref="ArgumentException">The document's version is not one above the expected.</exception>
    private static VersionedSave SaveOf(CustomerCommit commit) => commit.Document!.Version == commit.ExpectedVersion + 1
        ? new VersionedSave(commit.Customer, commit.ExpectedVersion, CustomerBson.Write(commit.Document))
        : throw new ArgumentException($"A document that replaces version {commit.ExpectedVersion} has the next one, not {commit.Document.Version}.", nameof(commit));

    private Task<IReadOnlyList<DueCustomer>> DueAsync(FilterDefinition<BsonDocument> filter, int limit, CancellationToken cancellationToken) => FindAsync(
        find => find(filter).Sort(Sort.Ascending(CustomerBson.WakesAt).Ascending("_id")).Limit(limit).Project(new BsonDocument(CustomerBson.WakesAt, 1)),
        document => new DueCustomer(document["_id"].AsString, ValueBson.ReadInstant(document[CustomerBson.WakesAt])),
        cancellationToken);

    private Task<IReadOnlyList<T>> FindAsync<T>(
        Func<Func<FilterDefinition<BsonDocument>, IFindFluent<BsonDocument, BsonDocument>>, IFindFluent<BsonDocument, BsonDocument>> query,
        Func<BsonDocument, T> read,
        CancellationToken cancellationToken) =>
        database.Sessions.RunAsync<IReadOnlyList<T>>(
            async session =>
            {
                var documents = await query(filter => database.Customers.Find(session, filter)).ToListAsync(cancellationToken);
                return documents.ConvertAll(document => read(document));
            },
            cancellationToken);
}
