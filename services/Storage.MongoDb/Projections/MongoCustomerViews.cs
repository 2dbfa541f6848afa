using MongoDB.Bson;
using MongoDB.Driver;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Storage.MongoDb.Database;

namespace TaggingPipeline.Storage.MongoDb.Projections;

/// <summary>One document for each customer. What it tells in the feed stands in it until it is there.</summary>
/// <remarks>
/// A view's entries are saved with it, appended, and then removed from it. Whoever loads a view with entries in it, after a crash or while another is about to append
/// them, appends them first: so no later change of that customer comes before them, and nothing is decided anew that the feed may have already.
/// </remarks>
internal sealed class MongoCustomerViews(MongoDatabase database, MongoChangeFeed feed) : ICustomerViews
{
    private const int PageSize = 500;

    private static readonly BulkWriteOptions InAnyOrder = new() { IsOrdered = false };

    private static FilterDefinitionBuilder<BsonDocument> Filter => Builders<BsonDocument>.Filter;

    private static SortDefinitionBuilder<BsonDocument> Sort => Builders<BsonDocument>.Sort;

    public async Task<IReadOnlyList<CustomerView>> LoadAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken)
    {
        if (customers.Count == 0)
            return [];
        var documents = await database.Sessions.RunAsync(
            session => database.Views.Find(session, Filter.In("_id", customers)).ToListAsync(cancellationToken), cancellationToken);
        await FinishAsync(documents, cancellationToken);
        return documents.ConvertAll(ViewBson.Read);
    }

    public async Task<IReadOnlyList<bool>> CommitAsync(IReadOnlyList<ViewCommit> commits, CancellationToken cancellationToken)
    {
        var saves = commits.Select(commit => new VersionedSave(commit.View.Customer, commit.ExpectedVersion, ViewBson.Write(commit.View, commit.Entries))).ToList();
        var saved = await database.Sessions.RunAsync(session => database.Views.SaveAsync(session, saves, cancellationToken), cancellationToken);
        var written = saves.Where((save, i) => saved[i] && commits[i].Entries.Count > 0);
        await FinishAsync([.. written.Select(save => save.Fields.Set("_id", save.Id))], cancellationToken);
        return saved;
    }

    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        var after = "";
        while (true)
        {
            var page = await database.Sessions.RunAsync(
                session => database.Views.Find(session, Filter.Gt(ViewBson.Unfinished, after)).Sort(Sort.Ascending(ViewBson.Unfinished)).Limit(PageSize)
                    .Project(new BsonDocument(ViewBson.Pending, 1)).ToListAsync(cancellationToken),
                cancellationToken);
            if (page.Count == 0)
                return;
            await FinishAsync(page, cancellationToken);
            after = page[^1]["_id"].AsString;
        }
    }

    public async Task<IReadOnlyList<CustomerView>> NotOfRulebookAsync(string rulebookVersion, string? after, int limit, CancellationToken cancellationToken)
    {
        var customers = await database.Sessions.RunAsync(
            session => database.Views.OfOtherRulebooksAsync(session, rulebookVersion, after, limit, cancellationToken), cancellationToken);
        var views = await LoadAsync(customers, cancellationToken);
        return [.. views.Where(view => view.Rulebook != rulebookVersion).OrderBy(view => view.Customer, Utf8Order.Instance)];
    }

    public Task<IReadOnlyList<SegmentMember>> MembersAsync(string segment, string? after, int limit, CancellationToken cancellationToken) =>
        database.Sessions.RunAsync<IReadOnlyList<SegmentMember>>(
            async session =>
            {
                var members = await database.Views.Find(session, Filter.Eq(ViewBson.In, segment) & Filter.Gt("_id", after ?? ""))
                    .Sort(Sort.Ascending("_id"))
                    .Limit(limit)
                    .Project(new BsonDocument(ViewBson.Memberships, 1))
                    .ToListAsync(cancellationToken);
                return members.ConvertAll(view => new SegmentMember(
                    view["_id"].AsString, view[ViewBson.Memberships].AsBsonArray.Select(ViewBson.ReadMembership).First(membership => membership.Segment == segment).Since));
            },
            cancellationToken);

    /// <remarks>Counted by the index.</remarks>
    public Task<IReadOnlyDictionary<string, long>> SegmentCountsAsync(CancellationToken cancellationToken) =>
        database.Sessions.RunAsync<IReadOnlyDictionary<string, long>>(
            async session =>
            {
                var segments = await (await database.Views.DistinctAsync<string>(session, ViewBson.In, Filter.Empty, null, cancellationToken)).ToListAsync(cancellationToken);
                var counts = new Dictionary<string, long>();
                foreach (var segment in segments)
                    counts.Add(segment, await database.Views.CountDocumentsAsync(session, Filter.Eq(ViewBson.In, segment), null, cancellationToken));
                return counts;
            },
            cancellationToken);

    /// <remarks>Reads every view: a count kept beside them could not be exact without a transaction.</remarks>
    public Task<IReadOnlyList<TagValueCount>> TagCountsAsync(CancellationToken cancellationToken) =>
        database.Sessions.RunAsync<IReadOnlyList<TagValueCount>>(
            async session =>
            {
                BsonDocument[] stages =
                [
                    new("$unwind", $"${ViewBson.Tags}"),
                    new("$group", new BsonDocument
                    {
                        ["_id"] = new BsonDocument { [ViewBson.Key] = $"${ViewBson.Tags}.{ViewBson.Key}", [ViewBson.Value] = $"${ViewBson.Tags}.{ViewBson.Value}" },
                        ["customers"] = new BsonDocument("$sum", 1L),
                    }),
                ];
                var groups = await (await database.Views.AggregateAsync<BsonDocument>(session, stages, new() { AllowDiskUse = true }, cancellationToken))
                    .ToListAsync(cancellationToken);
                return
                [
                    .. groups.Select(group => new TagValueCount(
                            group["_id"][ViewBson.Key].AsString, ValueBson.Read(group["_id"][ViewBson.Value]), group["customers"].ToInt64()))
                        .OrderBy(count => count.Key, Utf8Order.Instance)
                        .ThenBy(count => count.Value),
                ];
            },
            cancellationToken);

    /// <summary>Appends what these documents have pending, in their order, and removes it from them where it still is what was appended.</summary>
    private async Task FinishAsync(IReadOnlyList<BsonDocument> documents, CancellationToken cancellationToken)
    {
        var pending = documents.Where(document => document.Contains(ViewBson.Pending)).ToList();
        if (pending.Count == 0)
            return;
        await feed.AppendAsync(
            pending.SelectMany(document => document[ViewBson.Pending][ViewBson.PendingEntries].AsBsonArray).Select(entry => entry.AsBsonDocument), cancellationToken);
        var clear = Builders<BsonDocument>.Update.Unset(ViewBson.Pending).Unset(ViewBson.Unfinished);
        var clears = pending.Select(document => new UpdateOneModel<BsonDocument>(
            Filter.Eq("_id", document["_id"]) & Filter.Eq(ViewBson.PendingVersion, document[ViewBson.Pending][VersionedSaves.Version]), clear));
        await database.Sessions.RunAsync(session => database.Views.BulkWriteAsync(session, clears, InAnyOrder, cancellationToken), cancellationToken);
    }
}
