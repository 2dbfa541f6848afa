using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Journal;
using static TaggingPipeline.Storage.Specs.Suites.Samples;

namespace TaggingPipeline.Storage.Specs.Suites;

/// <summary>Loading customer documents and committing them.</summary>
public abstract class CustomerDocumentsSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    [Test]
    public async Task A_customer_never_stored_is_left_out()
    {
        await Customers.CommitAsync([Save(Document("ann")), Save(Document("bob"))], None);

        var loaded = await Customers.LoadAsync(["ann", "cleo", "bob"], None);

        Assert.That(loaded.Select(document => document.Customer), Is.EquivalentTo(new[] { "ann", "bob" }));
    }

    [Test]
    public async Task Looked_at_in_passing_documents_are_those_that_loading_gives()
    {
        await Customers.CommitAsync([Save(FullDocument("王小明")), Save(Document("bob"))], None);

        var seen = await AnotherProcess().Customers.PeekAsync(["王小明", "nobody", "bob"], None);

        Assert.That(seen.Select(document => document.Customer), Is.EquivalentTo(new[] { "王小明", "bob" }));
        AssertSame(seen.Single(document => document.Customer == "王小明"), FullDocument("王小明"));
        Assert.That(await Customers.PeekAsync([], None), Is.Empty);
    }

    [Test]
    public async Task Nothing_is_loaded_for_no_customers() => Assert.That(await Customers.LoadAsync([], None), Is.Empty);

    [Test]
    public async Task Every_field_comes_back_as_it_was_saved()
    {
        var full = FullDocument("王小明");
        var bare = Document("bare") with { Facts = StoredFacts.Of([]), Tags = TagSet.Empty, Outbox = EmptyOutbox(1) };

        await Customers.CommitAsync([Save(full), Save(bare)], None);

        AssertSame(await LoadAsync("王小明"), full);
        AssertSame(await LoadAsync("bare"), bare);
    }

    [Test]
    public async Task A_save_replaces_every_field()
    {
        await Customers.CommitAsync([Save(FullDocument("ann")), Save(Document("bob"))], None);
        var (bare, full) = (Document("ann", version: 2), FullDocument("bob", version: 2));

        await Customers.CommitAsync([Save(bare), Save(full)], None);

        AssertSame(await LoadAsync("ann"), bare);
        AssertSame(await LoadAsync("bob"), full);
    }

    [Test]
    public async Task Ids_that_look_alike_are_different_customers()
    {
        await Customers.CommitAsync([.. AwkwardIds.Select((id, i) => Save(Document(id) with { Facts = StoredFacts.Of([(byte)i]) }))], None);

        var loaded = await Customers.LoadAsync(AwkwardIds, None);

        Assert.That(loaded.Select(document => (document.Customer, (int)document.Facts.Bytes[0])), Is.EquivalentTo(AwkwardIds.Select((id, i) => (id, i))));
    }

    [Test]
    public async Task A_save_that_expects_another_version_is_lost_and_does_nothing()
    {
        await Customers.CommitAsync([Save(Document("ann"), Event("ann", "e-1")), Save(Document("bob"))], None);
        await Customers.CommitAsync([Save(Document("bob", version: 2))], None);

        // Another was first to store ann and to change bob, and there is no cleo to change.
        var results = await Customers.CommitAsync(
        [
            Save(FullDocument("ann"), Event("ann", "e-2")),
            Save(FullDocument("bob", version: 2), Event("bob", "e-3")),
            Save(FullDocument("cleo", version: 2), Event("cleo", "e-4")),
        ], None);

        Assert.That(results, Is.EqualTo(Enumerable.Repeat(new CommitResult(Saved: false, 0), 3)));
        AssertSame(await LoadAsync("ann"), Document("ann"));
        AssertSame(await LoadAsync("bob"), Document("bob", version: 2));
        Assert.That(await Customers.LoadAsync(["cleo"], None), Is.Empty);
        Assert.That(await Journal.CountAsync(None), Is.EqualTo(1));
    }

    [Test]
    public async Task A_lost_save_does_not_stop_the_others()
    {
        await Customers.CommitAsync([Save(Document("bob"))], None);

        var results = await Customers.CommitAsync(
            [Save(Document("ann"), Event("ann", "e-1")), Save(Document("bob"), Event("bob", "e-1")), Save(Document("cleo"), Event("cleo", "e-1"))], None);

        Assert.That(results, Is.EqualTo(new CommitResult[] { new(Saved: true, 1), new(Saved: false, 0), new(Saved: true, 1) }));
        Assert.That(await Journal.ReadAsync("bob", None), Is.Empty);
        Assert.That((await Customers.LoadAsync(["ann", "cleo"], None)).Count, Is.EqualTo(2));
    }

    [Test]
    public async Task Events_come_without_a_document_too()
    {
        var results = await Customers.CommitAsync([Append(Event("ann", "e-1"), Event("ann", "e-2"))], None);

        Assert.That(results, Is.EqualTo(new[] { new CommitResult(Saved: true, 2) }));
        Assert.That(await Journal.CountAsync(None), Is.EqualTo(2));
        Assert.That(await Customers.LoadAsync(["ann"], None), Is.Empty);
    }

    [Test]
    public async Task An_event_counts_as_appended_once()
    {
        var first = await Customers.CommitAsync([Append(Event("ann", "e-1"), Event("ann", "e-2"), Event("ann", "e-1"))], None);
        var again = await Customers.CommitAsync([Save(Document("ann"), Event("ann", "e-2"), Event("ann", "e-3"))], None);

        Assert.That(first[0].Appended, Is.EqualTo(2));
        Assert.That(again[0], Is.EqualTo(new CommitResult(Saved: true, 1)));
        Assert.That(await Journal.CountAsync(None), Is.EqualTo(3));
    }

    [Test]
    public async Task What_a_saved_document_calls_unjournaled_is_appended_and_not_counted()
    {
        var made = Event("ann", "tagging:assigned:vip:1", 3);
        var first = await Customers.CommitAsync([Save(Document("ann") with { Unjournaled = [made] }, Event("ann", "e-1"))], None);
        var again = await Customers.CommitAsync(
            [Save(Document("bob"), Event("bob", "e-1")), Save(Document("ann", version: 2) with { Unjournaled = [made, Event("ann", "tagging:assigned:vip:2", 4)] })], None);
        var lost = await Customers.CommitAsync([Save(Document("ann", version: 2) with { Unjournaled = [Event("ann", "tagging:assigned:vip:3", 5)] })], None);

        Assert.That(first.Concat(again).Concat(lost), Is.EqualTo(new CommitResult[] { new(Saved: true, 1), new(Saved: true, 1), new(Saved: true, 0), new(Saved: false, 0) }));
        Assert.That((await Journal.ReadAsync("ann", None)).Select(each => each.EventId), Is.EqualTo(new[] { "e-1", "tagging:assigned:vip:1", "tagging:assigned:vip:2" }));
        Assert.That(await Journal.CountAsync(None), Is.EqualTo(4));
        Assert.That((await LoadAsync("ann")).Unjournaled.Select(each => each.EventId), Is.EqualTo(new[] { "tagging:assigned:vip:1", "tagging:assigned:vip:2" }));
    }

    [Test]
    public async Task Another_process_sees_what_was_committed()
    {
        var other = AnotherProcess();
        Assert.That(await other.Customers.LoadAsync(["ann"], None), Is.Empty);

        await Customers.CommitAsync([Save(Document("ann"), Event("ann", "e-1"))], None);
        Assert.That((await other.Customers.LoadAsync(["ann"], None)).Single().Version, Is.EqualTo(1));
        Assert.That(await other.Journal.CountAsync(None), Is.EqualTo(1));

        await other.Customers.CommitAsync([Save(Document("ann", version: 2))], None);
        Assert.That((await LoadAsync("ann")).Version, Is.EqualTo(2));
    }

    [Test]
    public async Task No_update_is_lost_among_writers_that_retry()
    {
        const int Writers = 8;
        const int Rounds = 10;
        ICustomerDocuments[] processes = [Customers, AnotherProcess().Customers];

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var round = 0; round < Rounds; round++)
                await AddAsync(processes[writer % processes.Length], $"e-{writer}-{round}");
        })));

        var document = await LoadAsync("ann");
        Assert.That(document.Version, Is.EqualTo(Writers * Rounds));
        Assert.That(document.Applied, Is.Unique.And.Length.EqualTo(Writers * Rounds));
        Assert.That(await Journal.CountAsync(None), Is.EqualTo(Writers * Rounds));
    }

    [Test]
    public async Task Of_many_who_save_many_documents_at_once_each_version_has_one_winner()
    {
        const int Writers = 8;
        const int Rounds = 12;
        string[] ids = [.. Enumerable.Range(0, 20).Select(i => $"customer-{i}")];
        ICustomerDocuments[] processes = [Customers, AnotherProcess().Customers];

        var won = await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            var saved = new List<(string Customer, long Version)>();
            for (var round = 0; round < Rounds; round++)
            {
                var customers = processes[writer % processes.Length];
                var known = (await customers.LoadAsync(ids, None)).ToDictionary(document => document.Customer, document => document.Version);
                var commits = ids.Select(id => Save(Document(id, known.GetValueOrDefault(id) + 1), Event(id, $"e-{writer}-{round}"))).ToList();
                var results = await customers.CommitAsync(commits, None);
                saved.AddRange(commits.Where((_, i) => results[i].Saved).Select(commit => (commit.Customer, commit.Document!.Version)));
            }

            return saved;
        })));

        var stored = await Customers.LoadAsync(ids, None);
        Assert.That(won.SelectMany(saved => saved), Is.EquivalentTo(stored.SelectMany(document => Enumerable.Range(1, (int)document.Version).Select(version => (document.Customer, (long)version)))));
        Assert.That(await Journal.CountAsync(None), Is.EqualTo(stored.Sum(document => document.Version)), "what was lost has appended nothing");
    }

    /// <summary>Loads, adds an event, and saves until that was first.</summary>
    private static async Task AddAsync(ICustomerDocuments customers, string eventId)
    {
        while (true)
        {
            var known = (await customers.LoadAsync(["ann"], None)).SingleOrDefault();
            var next = Document("ann", (known?.Version ?? 0) + 1) with { Applied = [.. known?.Applied ?? [], eventId] };
            if ((await customers.CommitAsync([Save(next, Event("ann", eventId))], None))[0].Saved)
                return;
        }
    }

    /// <remarks>In another process too: this one may have kept what it saved.</remarks>
    private async Task<CustomerDocument> LoadAsync(string customer)
    {
        var document = (await Customers.LoadAsync([customer], None)).Single();
        AssertSame((await AnotherProcess().Customers.LoadAsync([customer], None)).Single(), document);
        return document;
    }

    private static void AssertSame(CustomerDocument actual, CustomerDocument expected)
    {
        Assert.That(actual.Facts, Is.EqualTo(expected.Facts));
        Assert.That(actual.Applied, Is.EqualTo(expected.Applied));
        Assert.That(actual.Tags.States, Is.EqualTo(expected.Tags.States));
        Assert.That(actual.Outbox?.Changes, Is.EqualTo(expected.Outbox?.Changes));

        Assert.That(actual.Unjournaled.Select(Content), Is.EqualTo(expected.Unjournaled.Select(Content)));

        // Of these the record compares references.
        Assert.That(actual with { Applied = expected.Applied, Unjournaled = expected.Unjournaled }, Is.EqualTo(expected));

        static (EventKey, NodaTime.Instant, string) Content(JournaledEvent made) => (made.Key, made.OccurredAt, Convert.ToBase64String(made.Body.Span));
    }
}
