using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MongoDB.Bson;
using MongoDB.Driver;
using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Storage.MongoDb;
using TaggingPipeline.Storage.Specs.Suites;
using static TaggingPipeline.Storage.Specs.Suites.Samples;

namespace TaggingPipeline.Storage.Specs.MongoDb;

/// <summary>What only this adapter has: no transactions, indexes made at start, a server that may be away.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class MongoDatabaseSpecs : IAsyncDisposable
{
    private MongoStore _store = null!;
    private MongoClient _client = null!;

    [SetUp]
    public void OpenDatabase()
    {
        _store = new();
        var address = new MongoUrl(_store.Address);
        _client = new MongoClient(address);
        Database = _client.GetDatabase(address.DatabaseName);
    }

    private static Crossing[] CrossedBeforeTheCrash { get; } = [new("ann", true, At(1), 1), new("ann", false, At(2), 2), new("ann", true, At(3), 3)];

    private static CancellationToken None => CancellationToken.None;

    private IMongoDatabase Database { get; set; } = null!;

    private IMongoCollection<BsonDocument> RawViews => Database.GetCollection<BsonDocument>("views");

    private IMongoCollection<BsonDocument> Format => Database.GetCollection<BsonDocument>("format");

    private IMongoCollection<BsonDocument> RawFeed => Database.GetCollection<BsonDocument>("feed");

    public async ValueTask DisposeAsync()
    {
        if (_store is null)
            return; // a test that is not to be run has none
        await _store.DisposeAsync();
        _client.Dispose();
    }

    [Test]
    public async Task Whoever_loads_a_view_finishes_a_commit_that_a_crash_has_cut_off()
    {
        await CrashBetweenViewAndFeedAsync();

        var process = _store.OpenAgain();
        var view = (await process.Views.LoadAsync(["ann"], None)).Single();
        await process.Views.CommitAsync([Save(View("ann", 2), Entry("ann", "3"))], None);

        Assert.That(view, Is.EqualTo(View("ann")));
        Assert.That(await FeedAsync(), Is.EqualTo(new[] { "1", "2", "3" }));
        Assert.That(await _store.Ports.Views.LoadAsync(["ann"], None), Is.EqualTo(new[] { View("ann", 2) }));
    }

    [Test]
    public async Task Such_a_commit_is_found_without_anybody_asking_for_its_customer()
    {
        await CrashBetweenViewAndFeedAsync();

        await _store.OpenAgain().Views.FinishAsync(None);

        Assert.That(await FeedAsync(), Is.EqualTo(new[] { "1", "2" }));
        Assert.That(await _store.Ports.History.CrossingsAsync("vip", Instant.MinValue, Instant.MaxValue, null, 10, None), Is.EqualTo(CrossedBeforeTheCrash));
        Assert.That(await RawViews.CountDocumentsAsync(Builders<BsonDocument>.Filter.Exists("pending") | Builders<BsonDocument>.Filter.Exists("unfinished")), Is.Zero);
    }

    [Test]
    public async Task One_who_finishes_it_late_takes_nothing_back()
    {
        await CrashBetweenViewAndFeedAsync();
        var unfinished = await RawViews.Find(FilterDefinition<BsonDocument>.Empty).SingleAsync();
        await _store.OpenAgain().Views.FinishAsync(None);
        await _store.Ports.Views.CommitAsync([Save(View("ann", 2)) with { Crossings = [new("vip", IsMember: false, At(30), 4)] }], None);

        // Another had read the view before, and only now goes on.
        await RawViews.UpdateOneAsync(
            Builders<BsonDocument>.Filter.Eq("_id", "ann"), Builders<BsonDocument>.Update.Set("pending", unfinished["pending"]).Set("unfinished", "ann"));
        await _store.OpenAgain().Views.FinishAsync(None);

        Assert.That(await FeedAsync(), Is.EqualTo(new[] { "1", "2" }));
        Assert.That(await _store.Ports.History.CrossingsAsync("vip", Instant.MinValue, Instant.MaxValue, null, 10, None),
            Is.EqualTo(CrossedBeforeTheCrash.Append(new("ann", false, At(30), 4))));
        Assert.That(await _store.Ports.History.MembersAtAsync("vip", At(30), null, 10, None), Is.Empty);
    }

    [Test]
    public async Task A_database_without_intervals_is_given_those_that_stand()
    {
        await _store.Ports.Views.CommitAsync(
        [
            Save(View("ann") with { Memberships = [new("gone", IsMember: false, At(5), 2), new("vip", IsMember: true, At(10), 7)] }), Save(View("bob")),
        ], None);
        await Format.UpdateOneAsync(FilterDefinition<BsonDocument>.Empty, new BsonDocument("$set", new BsonDocument("version", 1)));

        var process = _store.OpenAgain();

        Assert.That(await process.History.MembersAtAsync("vip", At(10), null, 10, None), Is.EqualTo(new[] { new SegmentMember("ann", At(10)) }));
        Assert.That(await process.History.MembersAtAsync("vip", At(9), null, 10, None), Is.Empty);
        Assert.That(await process.History.CountCrossingsAsync("gone", Instant.MinValue, Instant.MaxValue, None), Is.EqualTo(default(Movement)));
        Assert.That((await Format.Find(FilterDefinition<BsonDocument>.Empty).SingleAsync())["version"].ToInt32(), Is.EqualTo(2));
    }

    [Test]
    public async Task Rejected_events_that_an_older_version_has_kept_stay_where_they_are_to_be_read()
    {
        var before = Database.GetCollection<BsonDocument>("rejected");
        await before.InsertOneAsync(OldLog(1, "r-1", "r-2"));
        await before.InsertOneAsync(OldLog(2, "r-3"));

        var process = _store.OpenAgain();
        await process.Rejected.AddAsync([Old("r-2"), Old("r-4")], None);
        await before.InsertOneAsync(OldLog(3, "r-4", "r-5"));
        process = _store.OpenAgain();

        var kept = await process.Rejected.ListAsync(new("missing-id", "at byte #"), 0, 10, None);
        Assert.That(kept.Select(each => (each.Position, each.Event)), Is.EqualTo(new[] { (1000L, Old("r-1")), (1001L, Old("r-2")), (2000L, Old("r-3")), (2001L, Old("r-4")), (3001L, Old("r-5")) }));
        Assert.That(await before.CountDocumentsAsync(FilterDefinition<BsonDocument>.Empty), Is.Zero);
    }

    [Test]
    public async Task Many_who_finish_it_at_once_tell_it_once()
    {
        await CrashBetweenViewAndFeedAsync();
        var processes = Enumerable.Range(0, 4).Select(_ => _store.OpenAgain()).ToList();

        await Task.WhenAll(processes.Select((process, i) => Task.Run(() => i % 2 == 0 ? process.Views.FinishAsync(None) : process.Views.LoadAsync(["ann"], None))));

        Assert.That(await FeedAsync(), Is.EqualTo(new[] { "1", "2" }));
    }

    [Test]
    public async Task Documents_of_the_feed_are_numbered_without_gaps_by_any_number_of_writers()
    {
        var processes = Enumerable.Range(0, 4).Select(_ => _store.OpenAgain()).ToList();

        // More entries than one document of the feed takes.
        await Task.WhenAll(processes.Select((process, writer) => Task.Run(async () =>
        {
            for (var version = 1; version <= 10; version++)
                await process.Views.CommitAsync([Save(View($"w{writer}", version), [.. Enumerable.Range(0, 250).Select(i => Entry($"w{writer}", $"{writer}-{version:00}-{i:000}"))])], None);
        })));

        var numbers = (await RawFeed.Find(FilterDefinition<BsonDocument>.Empty).Sort(new BsonDocument("_id", 1)).ToListAsync()).Select(document => document["_id"].AsInt64).ToList();
        Assert.That(numbers, Is.EqualTo(Enumerable.Range(1, numbers.Count).Select(number => (long)number)));
        var read = await _store.Ports.Feed.ReadAsync(0, int.MaxValue, None);
        Assert.That(read.Select(entry => entry.Id), Is.Unique.And.Exactly(4 * 10 * 250).Items);
        foreach (var ofWriter in read.GroupBy(entry => entry.Customer))
            Assert.That(ofWriter.Select(entry => entry.Id), Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal), "each writer's own order");
    }

    [Test]
    public async Task Every_index_is_there_and_named_after_its_query()
    {
        var names = new List<string>();
        foreach (var collection in new[] { "customers", "views", "intervals", "feed", "rejections", "journal" })
            names.AddRange((await (await Database.GetCollection<BsonDocument>(collection).Indexes.ListAsync()).ToListAsync()).Select(index => index["name"].AsString));

        Assert.That(names.Where(name => name != "_id_"), Is.EquivalentTo(new[]
        {
            "due_before_an_instant", "decided_by_another_rulebook", "with_something_to_tell", "members_of_a_segment", "of_another_rulebook", "not_all_in_the_feed",
            "members_as_of_an_instant", "entries_by_instant", "exits_by_instant", "each_change_once", "changes_of_a_customer", "each_rejection_once", "rejections_with_a_code",
        }));
    }

    [Test]
    public async Task A_database_of_a_newer_format_is_refused()
    {
        await Format.UpdateOneAsync(FilterDefinition<BsonDocument>.Empty, new BsonDocument("$set", new BsonDocument("version", 9999)));

        Assert.That(() => _store.OpenAgain(), Throws.TypeOf<StorageException>().With.Message.Contains("9999"));
    }

    [Test]
    public async Task A_server_that_is_away_is_waited_for()
    {
        await using var services = new ServiceCollection().AddLogging()
            .AddMongoStorage("mongodb://127.0.0.1:9/tagging?serverSelectionTimeoutMS=100").BuildServiceProvider();
        using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(2));

        Assert.That(
            async () => await services.GetServices<IHostedService>().Single().StartAsync(enough.Token),
            Throws.InstanceOf<OperationCanceledException>(), "it has not given up before");
    }

    /// <summary>The state that a crash leaves after a view is saved and before its entries are in the feed.</summary>
    private async Task CrashBetweenViewAndFeedAsync()
    {
        await _store.Ports.Views.CommitAsync(
        [
            Save(View("ann"), Entry("ann", "1"), Entry("ann", "2")) with
            {
                Crossings = [new("vip", IsMember: true, At(1), 1), new("vip", IsMember: false, At(2), 2), new("vip", IsMember: true, At(3), 3)],
            },
        ], None);
        var entries = (await RawFeed.Find(FilterDefinition<BsonDocument>.Empty).SingleAsync())["entries"];
        await RawFeed.DeleteManyAsync(FilterDefinition<BsonDocument>.Empty);
        await Database.GetCollection<BsonDocument>("intervals").DeleteManyAsync(FilterDefinition<BsonDocument>.Empty);
        var crossings = CrossedBeforeTheCrash.Select(crossing => new BsonDocument
        {
            ["segment"] = "vip",
            ["isMember"] = crossing.HasEntered,
            ["since"] = new BsonDateTime(crossing.At.ToUnixTimeMilliseconds()),
            ["sequence"] = crossing.Number,
        });
        await RawViews.UpdateOneAsync(
            Builders<BsonDocument>.Filter.Eq("_id", "ann"),
            Builders<BsonDocument>.Update
                .Set("pending", new BsonDocument { ["version"] = 1L, ["entries"] = entries, ["crossings"] = new BsonArray(crossings) })
                .Set("unfinished", "ann"));
    }

    private static RejectedEvent Old(string id) => new() { Id = id, ReceivedAt = DateTimeOffset.UnixEpoch, Code = "missing-id", Reason = "at byte 7", Payload = "{}" };

    private static BsonDocument OldLog(long number, params string[] ids) => new()
    {
        ["_id"] = number,
        ["entries"] = new BsonArray(ids.Select(id => new BsonDocument { ["id"] = id, ["body"] = JsonSerializer.SerializeToUtf8Bytes(Old(id), ContractsJson.Options) })),
    };

    private async Task<IEnumerable<string>> FeedAsync() => (await _store.Ports.Feed.ReadAsync(0, 100, None)).Select(entry => entry.Id);
}
