using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Storage.Specs.Suites;
using TaggingPipeline.Storage.Sqlite;
using static TaggingPipeline.Storage.Specs.Suites.Samples;

namespace TaggingPipeline.Storage.Specs.Sqlite;

/// <summary>What only a file does: it is created, migrated, refused, closed and opened again.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class SqliteFileSpecs
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tagging-storage-").FullName;

    private static CancellationToken None => CancellationToken.None;

    private string FilePath => Path.Combine(_folder, "store.db");

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task A_missing_file_is_created_with_its_folders()
    {
        var path = Path.Combine(_folder, "a", "数据", "store.db");
        await using var services = SqliteStore.Provide(path);

        Assert.That(await StoragePorts.Of(services).Journal.CountAsync(None), Is.Zero);
        Assert.That(File.Exists(path), Is.True);
        Assert.That(Read(path, "PRAGMA user_version"), Is.EqualTo(9));
        Assert.That(Read(path, "PRAGMA journal_mode"), Is.EqualTo("wal"));
    }

    [Test]
    public async Task An_empty_file_is_migrated()
    {
        await File.WriteAllBytesAsync(FilePath, []);
        await using var services = SqliteStore.Provide(FilePath);

        Assert.That(await StoragePorts.Of(services).Rejected.CountAsync(None), Is.Zero);
    }

    [Test]
    public async Task A_file_of_version_1_keeps_what_it_has()
    {
        Read(FilePath, """
            CREATE TABLE customers (id TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, evaluated_at INTEGER NOT NULL, wakes_at INTEGER,
                rulebook TEXT NOT NULL, tags TEXT NOT NULL, applied TEXT NOT NULL, facts BLOB NOT NULL) STRICT;
            CREATE INDEX customers_due ON customers (wakes_at, id) WHERE wakes_at IS NOT NULL;
            CREATE INDEX customers_by_rulebook ON customers (rulebook, id);
            CREATE TABLE outboxes (customer TEXT NOT NULL PRIMARY KEY, revision INTEGER NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
            CREATE TABLE views (customer TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, rulebook TEXT NOT NULL, body TEXT NOT NULL) STRICT;
            CREATE INDEX views_by_rulebook ON views (rulebook, customer);
            CREATE TABLE feed (position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, customer TEXT NOT NULL, type TEXT NOT NULL, key TEXT NOT NULL,
                body BLOB NOT NULL) STRICT;
            CREATE INDEX feed_by_customer ON feed (customer, position);
            INSERT INTO feed VALUES (7, '安:tag:1', '安', 'tag.added', 'vip', x'7B7D'), (8, 'gone', '安', 'tag.added', 'vip', x'7B7D');
            DELETE FROM feed WHERE position = 8;
            INSERT INTO customers VALUES ('安', 3, 1000, 2000, 'shop@1', '[1,["vip","价值",true,1000,1,null]]', '["e-1"]', x'0102');
            INSERT INTO outboxes VALUES ('安', 3, '{"decidedAt":1000,"cause":"Event","changes":[]}');
            INSERT INTO views VALUES ('安', 1, 'shop@1', '{"revision":3,"tagSequence":1,"segmentSequence":0,"tags":[["vip","价值",true,1000]],"traits":{},"memberships":[["gone",false,3000,2],["贵宾",true,-1000,7]]}');
            PRAGMA application_id = 1413564240;
            PRAGMA user_version = 1;
            """);
        await using var services = SqliteStore.Provide(FilePath);
        var ports = StoragePorts.Of(services);

        var kept = (await ports.Customers.LoadAsync(["安"], None)).Single();
        Assert.That((kept.Version, kept.Tags["vip"], kept.Applied.Single(), kept.Outbox?.Revision, kept.WakesAt?.ToUnixTimeMilliseconds()),
            Is.EqualTo((3L, Value.True, "e-1", 3L, 2000L)));
        Assert.That(kept.Facts.Bytes, Is.EqualTo(new byte[] { 1, 2 }));
        Assert.That(kept.Unjournaled, Is.Empty);
        Assert.That((await ports.Views.LoadAsync(["安"], None)).Single().Tags.Single().Category, Is.EqualTo("价值"));
        Assert.That((await ports.Feed.ReadOfCustomerAsync("安", 0, 10, None)).Single().Position, Is.EqualTo(7));
        await ports.Views.CommitAsync([new(View("bob"), 0, [new("bob:tag:1", "bob", "tag.added", "vip", "{}"u8.ToArray())])], None);
        Assert.That((await ports.Feed.ReadOfCustomerAsync("bob", 0, 10, None)).Single().Position, Is.EqualTo(9), "no position is given out again");
        Assert.That((await ports.History.MembersAtAsync("贵宾", Instant.FromUnixTimeMilliseconds(-1000), null, 10, None)).Single().Customer, Is.EqualTo("安"));
        Assert.That(await ports.History.MembersAtAsync("贵宾", Instant.FromUnixTimeMilliseconds(-1001), null, 10, None), Is.Empty);
        Assert.That(await ports.History.MovementsAsync("贵宾", [Instant.FromUnixTimeSeconds(-900), Instant.FromUnixTimeSeconds(0)], None), Is.EqualTo(new Movement[] { default, new(1, 0) }));
        Assert.That(await ports.History.CrossingsAsync("gone", Instant.MinValue, Instant.MaxValue, null, 10, None), Is.Empty, "when it began is not known");
        Assert.That(await ports.Customers.DueAsync(Instant.FromUnixTimeMilliseconds(2000), null, 10, None), Has.Count.EqualTo(1));
        Assert.That(await ports.Customers.NotDecidedByAsync("shop@2", null, 10, None), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Processes_that_open_a_new_file_at_once_all_can()
    {
        var services = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => SqliteStore.Provide(FilePath))));
        await Task.WhenAll(services.Select((process, i) => Task.Run(() => StoragePorts.Of(process).Customers.CommitAsync([Save(Document($"customer-{i}"))], None))));

        Assert.That(await StoragePorts.Of(services[0]).Customers.ScanAsync(null, 10, None), Has.Count.EqualTo(4));
        foreach (var process in services)
            await process.DisposeAsync();
    }

    [Test]
    public void A_file_of_a_newer_version_is_refused_and_left_as_it_is()
    {
        Read(FilePath, "PRAGMA user_version = 9999");
        var before = File.ReadAllBytes(FilePath);

        Assert.That(Open, Throws.TypeOf<StorageException>().With.Message.Contains("9999").And.Message.Contains(FilePath));
        Assert.That(File.ReadAllBytes(FilePath), Is.EqualTo(before));
    }

    [Test]
    public void Another_applications_database_is_refused()
    {
        Read(FilePath, "CREATE TABLE notes (text)");

        Assert.That(Open, Throws.TypeOf<StorageException>().With.Message.Contains("another application"));
    }

    [Test]
    public void A_file_that_is_no_database_is_refused()
    {
        File.WriteAllText(FilePath, string.Concat(Enumerable.Repeat("not a database ", 100)));

        Assert.That(Open, Throws.TypeOf<StorageException>().With.Message.Contains("not a database"));
    }

    [Test]
    public void A_folder_in_place_of_the_file_is_refused()
    {
        Directory.CreateDirectory(FilePath);

        Assert.That(Open, Throws.TypeOf<StorageException>().With.Message.Contains(FilePath));
    }

    [Test]
    public void A_file_in_place_of_the_folder_is_refused()
    {
        File.WriteAllText(Path.Combine(_folder, "file"), "");

        Assert.That(() => StoragePorts.Of(SqliteStore.Provide(Path.Combine(_folder, "file", "store.db"))),
            Throws.TypeOf<StorageException>().With.Message.Contains("store.db"));
    }

    [Test]
    public void No_path_is_refused_at_once() =>
        Assert.That(() => new ServiceCollection().AddSqliteStorage(" "), Throws.ArgumentException);

    [Test]
    public void A_host_opens_the_file_before_it_starts_anything()
    {
        Read(FilePath, "PRAGMA user_version = 9999");
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSqliteStorage(FilePath);
        using var host = builder.Build();

        Assert.That(() => host.StartAsync(None), Throws.TypeOf<StorageException>());
    }

    [Test]
    public async Task Everything_is_there_after_closing_and_opening_again()
    {
        await using (var first = SqliteStore.Provide(FilePath))
        {
            var ports = StoragePorts.Of(first);
            await ports.Customers.CommitAsync([Save(FullDocument("ann"), Event("ann", "e-1"))], None);
            await ports.Views.CommitAsync([Save(View("ann") with { Memberships = [new("vip", IsMember: true, At(1), 1)] }, Entry("ann", "f-1"))], None);
        }

        Assert.That(Directory.GetFiles(_folder), Is.EqualTo(new[] { FilePath }), "the log is merged into the file");
        await using var second = SqliteStore.Provide(FilePath);
        var reopened = StoragePorts.Of(second);
        Assert.That((await reopened.Customers.LoadAsync(["ann"], None)).Single().Outbox, Is.EqualTo(FullOutbox(1)));
        Assert.That(await reopened.Journal.KnownAsync([new("ann", "e-1")], None), Has.Count.EqualTo(1));
        Assert.That(await reopened.Journal.CountAsync(None), Is.EqualTo(3), "the event, and what the document calls unjournaled");
        Assert.That(await reopened.Views.SegmentCountsAsync(None), Is.EquivalentTo(new Dictionary<string, long> { ["vip"] = 1 }));
        Assert.That((await reopened.Feed.ReadAsync(0, 10, None)).Single().Id, Is.EqualTo("f-1"));
    }

    [Test]
    public async Task A_view_that_lost_the_race_appends_nothing()
    {
        await using var services = SqliteStore.Provide(FilePath);
        var ports = StoragePorts.Of(services);
        await ports.Views.CommitAsync([Save(View("ann"), Entry("ann", "f-1"))], None);

        await ports.Views.CommitAsync([Save(View("ann"), Entry("ann", "f-2"))], None);

        Assert.That((await ports.Feed.ReadAsync(0, 10, None)).Select(entry => entry.Id), Is.EqualTo(new[] { "f-1" }));
    }

    [Test]
    public async Task A_write_that_fails_fails_alone()
    {
        await using var services = SqliteStore.Provide(FilePath);
        var ports = StoragePorts.Of(services);

        // Enqueued together, so that some share a transaction with it.
        var writes = Enumerable.Range(0, 20).Select(i => ports.Customers.CommitAsync([Save(Document($"customer-{i}"))], None)).ToList();
        Task failing = ports.Views.CommitAsync([Save(View("ann") with { Rulebook = null! })], None);
        writes.AddRange(Enumerable.Range(20, 20).Select(i => ports.Customers.CommitAsync([Save(Document($"customer-{i}"))], None)));

        Assert.That(() => failing, Throws.TypeOf<SqliteException>());
        Assert.That((await Task.WhenAll(writes)).Select(results => results[0].Saved), Is.All.True);
        Assert.That(await ports.Customers.ScanAsync(null, 100, None), Has.Count.EqualTo(40));
    }

    [Test]
    public async Task A_write_that_is_cancelled_before_it_began_writes_nothing()
    {
        await using var services = SqliteStore.Provide(FilePath);
        var ports = StoragePorts.Of(services);

        Assert.That(() => ports.Customers.CommitAsync([Save(Document("ann"))], new CancellationToken(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await ports.Customers.LoadAsync(["ann"], None), Is.Empty);
    }

    [Test]
    public async Task Writes_asked_for_before_closing_are_finished_and_later_ones_refused()
    {
        var services = SqliteStore.Provide(FilePath);
        var customers = StoragePorts.Of(services).Customers;
        var writes = Enumerable.Range(0, 50).Select(i => customers.CommitAsync([Save(Document($"customer-{i}"))], None)).ToList();

        await services.DisposeAsync();

        Assert.That((await Task.WhenAll(writes)).Select(results => results[0].Saved), Is.All.True);
        Assert.That(() => customers.CommitAsync([], None), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => customers.LoadAsync([], None), Throws.InstanceOf<ObjectDisposedException>());
    }

    private void Open()
    {
        using var services = SqliteStore.Provide(FilePath);
        services.GetRequiredService<IJournal>();
    }

    private static object? Read(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
