using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MongoDB.Bson;
using MongoDB.Driver;
using TaggingPipeline.Processing;
using TaggingPipeline.Storage.MongoDb;
using TaggingPipeline.Storage.Specs.Suites;
using static TaggingPipeline.Storage.Specs.Suites.Samples;

namespace TaggingPipeline.Storage.Specs.MongoDb;

/// <summary>What only this adapter has: no transactions, indexes made at start, a server that may be away.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class MongoDatabaseSpecs : IAsyncDisposable
{
    private readonly MongoStore _store = new();
    private readonly MongoClient _client;

    public MongoDatabaseSpecs()
    {
        var address = new MongoUrl(_store.Address);
        _client = new MongoClient(address);
        Database = _client.GetDatabase(address.DatabaseName);
    }

    private static CancellationToken None => CancellationToken.None;

    private IMongoDatabase Database { get; }

    private IMongoCollection<BsonDocument> RawViews => Database.GetCollection<BsonDocument>("views");

    private IMongoCollection<BsonDocument> RawFeed => Database.GetCollection<BsonDocument>("feed");

    public async ValueTask DisposeAsync()
    {
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
        Assert.That(await RawViews.CountDocumentsAsync(Builders<BsonDocument>.Filter.Exists("pending") | Builders<BsonDocument>.Filter.Exists("unfinished")), Is.Zero);
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
        foreach (var collection in new[] { "customers", "views", "feed", "rejected", "journal" })
            names.AddRange((await (await Database.GetCollection<BsonDocument>(collection).Indexes.ListAsync()).ToListAsync()).Select(index => index["name"].AsString));

        Assert.That(names.Where(name => name != "_id_"), Is.EquivalentTo(new[]
        {
            "due_before_an_instant", "decided_by_another_rulebook", "with_something_to_tell", "members_of_a_segment", "of_another_rulebook", "not_all_in_the_feed",
            "each_change_once", "changes_of_a_customer", "each_rejection_once",
        }));
    }

    [Test]
    public async Task A_database_of_a_newer_format_is_refused()
    {
        await Database.GetCollection<BsonDocument>("format").UpdateOneAsync(FilterDefinition<BsonDocument>.Empty, new BsonDocument("$set", new BsonDocument("version", 9999)));

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
        await _store.Ports.Views.CommitAsync([Save(View("ann"), Entry("ann", "1"), Entry("ann", "2"))], None);
        var entries = (await RawFeed.Find(FilterDefinition<BsonDocument>.Empty).SingleAsync())["entries"];
        await RawFeed.DeleteManyAsync(FilterDefinition<BsonDocument>.Empty);
        await RawViews.UpdateOneAsync(
            Builders<BsonDocument>.Filter.Eq("_id", "ann"),
            Builders<BsonDocument>.Update.Set("pending", new BsonDocument { ["version"] = 1L, ["entries"] = entries }).Set("unfinished", "ann"));
    }

    private async Task<IEnumerable<string>> FeedAsync() => (await _store.Ports.Feed.ReadAsync(0, 100, None)).Select(entry => entry.Id);
}
