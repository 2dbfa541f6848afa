using MongoDB.Bson;
using MongoDB.Driver;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Storage.MongoDb.Database;

namespace TaggingPipeline.Storage.MongoDb.Projections;

/// <summary>One document for each customer. What it tells in the feed and in the history of segments stands in it until it is there.</summary>
/// <remarks>
/// A view's entries and crossings are saved with it, brought where they belong, and then removed from it. Whoever loads a view with some in it, after a crash or while
/// another is about to do that, does it first: so no later change of that customer comes before them, and nothing is decided anew that the feed may have already.
/// </remarks>
internal sealed class MongoCustomerViews(MongoDatabase database, MongoChangeFeed feed, MongoSegmentHistory history) : ICustomerViews
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
        var saves = commits.Select(commit => new VersionedSave(commit.View.Customer, commit.ExpectedVersion, ViewBson.Write(commit))).ToList();
        var saved = await database.Sessions.RunAsync(session => database.Views.SaveAsync(session, saves, cancellationToken), cancellationToken);
        var written = saves.Where((_, i) => saved[i]);
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

    /// <remarks>What is pending in these views comes into the feed after every position that was read before.</remarks>
    public async Task<IReadOnlyList<CustomerView>> ScanAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        var documents = await database.Sessions.RunAsync(
            session => database.Views.Find(session, Filter.Gt("_id", after ?? "")).Sort(Sort.Ascending("_id")).Limit(limit).ToListAsync(cancellationToken), cancellationToken);
        return documents.ConvertAll(ViewBson.Read);
    }

    public async Task<IReadOnlyList<CustomerView>> NotOfRulebookAsync(string rulebookVersion, string? after, int limit, CancellationToken cancellationToken)
    {
        var customers = await database.Sessions.RunAsync(
            session => database.Views.OfOtherRulebooksAsync(session, rulebookVersion, after, limit, cancellationToken), cancellationToken);
        var views = await LoadAsync(customers, cancellationToken);
        return [.. views.Where(view => view.Rulebook != rulebookVersion).OrderBy(view => view.Customer, Utf8Order.Instance)];
    }

    public Task<(long All, long OfOthers)> CountAsync(string rulebookVersion, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        async session => (
            await database.Views.CountDocumentsAsync(session, Filter.Empty, null, cancellationToken),
            await database.Views.CountOfOtherRulebooksAsync(session, rulebookVersion, cancellationToken)),
        cancellationToken);

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

    /// <remarks>Reads the views of the segment's members.</remarks>
    public Task<IReadOnlyDictionary<string, long>> OverlapsAsync(string segment, CancellationToken cancellationToken) =>
        database.Sessions.RunAsync<IReadOnlyDictionary<string, long>>(
            async session =>
            {
                BsonDocument[] stages =
                [
                    new("$match", new BsonDocument(ViewBson.In, segment)),
                    new("$unwind", $"${ViewBson.In}"),
                    new("$match", new BsonDocument(ViewBson.In, new BsonDocument("$ne", segment))),
                    new("$group", new BsonDocument { ["_id"] = $"${ViewBson.In}", ["members"] = new BsonDocument("$sum", 1L) }),
                ];
                var groups = await (await database.Views.AggregateAsync<BsonDocument>(session, stages, new() { AllowDiskUse = true }, cancellationToken))
                    .ToListAsync(cancellationToken);
                return groups.ToDictionary(group => group["_id"].AsString, group => group["members"].ToInt64());
            },
            cancellationToken);

    public Task<long> CountInAllAsync(IReadOnlyCollection<string> segments, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        session => database.Views.CountDocumentsAsync(session, Filter.All(ViewBson.In, segments), null, cancellationToken), cancellationToken);

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

    /// <summary>Brings what these documents have pending where it belongs, in their order, and removes it from them where it still is what was brought.</summary>
    private async Task FinishAsync(IReadOnlyList<BsonDocument> documents, CancellationToken cancellationToken)
    {
        var pending = documents.Where(document => document.GetValue(ViewBson.Pending, BsonNull.Value).IsBsonDocument).ToList();
        if (pending.Count == 0)
            return;
        await feed.AppendAsync(
            pending.SelectMany(document => document[ViewBson.Pending][ViewBson.PendingEntries].AsBsonArray).Select(entry => entry.AsBsonDocument), cancellationToken);
        await history.PutAsync(
            pending.SelectMany(document => IntervalBson.Puts(document["_id"].AsString, document[ViewBson.Pending].AsBsonDocument)), cancellationToken);
        var clear = Builders<BsonDocument>.Update.Unset(ViewBson.Pending).Unset(ViewBson.Unfinished);
        var clears = pending.Select(document => new UpdateOneModel<BsonDocument>(
            Filter.Eq("_id", document["_id"]) & Filter.Eq(ViewBson.PendingVersion, document[ViewBson.Pending][VersionedSaves.Version]), clear));
        await database.Sessions.RunAsync(session => database.Views.BulkWriteAsync(session, clears, InAnyOrder, cancellationToken), cancellationToken);
    }
}
