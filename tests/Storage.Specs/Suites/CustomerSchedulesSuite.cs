using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Processing.Customers;
using static TaggingPipeline.Storage.Specs.Suites.Samples;

namespace TaggingPipeline.Storage.Specs.Suites;

/// <summary>Finding the customer documents that something is left to do for.</summary>
public abstract class CustomerSchedulesSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    [Test]
    public async Task Due_are_those_whose_instant_has_come_the_earliest_first()
    {
        await SaveAsync([Waking("late", At(9)), Waking("b", At(5)), Waking("a", At(5)), Waking("early", At(1)), Document("never")]);

        Assert.That(await Customers.DueAsync(At(5), null, 10, None),
            Is.EqualTo(new DueCustomer[] { new("early", At(1)), new("a", At(5)), new("b", At(5)) }));
        Assert.That(await Customers.DueAsync(At(5) - Duration.FromMilliseconds(1), null, 10, None), Is.EqualTo(new DueCustomer[] { new("early", At(1)) }));
        Assert.That(await Customers.DueAsync(At(99), null, 2, None), Is.EqualTo(new DueCustomer[] { new("early", At(1)), new("a", At(5)) }));
        Assert.That(await Customers.DueAsync(At(0), null, 10, None), Is.Empty);
    }

    [Test]
    public async Task Due_customers_come_in_pages()
    {
        await SaveAsync([.. AwkwardIds.Reverse().Select((id, i) => Waking(id, At(i % 2)))]);
        var all = AwkwardIds.Reverse().Select((id, i) => (Customer: id, At: At(i % 2))).Reverse().OrderBy(due => due.At).Select(due => new DueCustomer(due.Customer, due.At)).ToList();

        var found = new List<DueCustomer>();
        while (await Customers.DueAsync(At(1), found.Count == 0 ? null : found[^1], 3, None) is { Count: > 0 } page)
        {
            Assert.That(page, Has.Count.LessThanOrEqualTo(3));
            found.AddRange(page);
        }

        Assert.That(found, Is.EqualTo(all));
        Assert.That(await Customers.DueAsync(At(1), new DueCustomer("nobody", At(0) - Duration.FromMilliseconds(1)), 100, None), Is.EqualTo(all), "it need not be one who is due");
        Assert.That(await Customers.DueAsync(At(0), all[^1], 100, None), Is.Empty);
    }

    [Test]
    public async Task A_save_moves_the_instant_at_which_a_customer_is_due()
    {
        await SaveAsync([Waking("ann", At(1)), Waking("bob", At(1)), Document("cleo")]);
        await SaveAsync([Waking("ann", At(8), version: 2), Document("bob", version: 2), Waking("cleo", At(2), version: 2)]);

        Assert.That(await Customers.DueAsync(At(5), null, 10, None), Is.EqualTo(new DueCustomer[] { new("cleo", At(2)) }));
    }

    [Test]
    public async Task Every_due_customer_is_found_while_others_are_saved()
    {
        const int Due = 60;
        await SaveAsync([.. Enumerable.Range(0, Due).Select(i => Waking($"due-{i:00}", At(i / 3)))]);
        var saving = Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
                await SaveAsync([Waking($"other-{i}", At(1_000))]);
        });

        var found = new List<DueCustomer>();
        while (await Customers.DueAsync(At(100), null, 7, None) is { Count: > 0 } page)
        {
            found.AddRange(page);
            await SaveAsync([.. page.Select(due => Document(due.Customer, version: 2))]);
        }

        await saving;
        Assert.That(found, Is.EqualTo(Enumerable.Range(0, Due).Select(i => new DueCustomer($"due-{i:00}", At(i / 3)))));
    }

    [Test]
    public async Task Paging_on_after_a_customer_meets_everyone_who_stays_due_once_while_others_are_saved()
    {
        const int Staying = 60;
        string[] going = [.. Enumerable.Range(0, 60).Select(i => $"going-{i:00}")];
        await SaveAsync([.. Enumerable.Range(0, Staying).Select(i => Waking($"due-{i:00}", At(i / 7))), .. going.Select((id, i) => Waking(id, At(i / 5)))]);
        var saving = Task.Run(async () =>
        {
            foreach (var id in going)
                await SaveAsync([Document(id, version: 2)]);
        });

        var found = new List<DueCustomer>();
        DueCustomer? last = null;
        while (await Customers.DueAsync(At(100), last, 4, None) is { Count: > 0 } page)
        {
            found.AddRange(page);
            last = page[^1];
        }

        await saving;
        Assert.That(found, Is.Unique);
        Assert.That(found.Where(due => due.Customer.StartsWith("due-", StringComparison.Ordinal)),
            Is.EqualTo(Enumerable.Range(0, Staying).Select(i => new DueCustomer($"due-{i:00}", At(i / 7)))));
    }

    [Test]
    public async Task An_outbox_is_found_until_it_is_cleared()
    {
        await SaveAsync([Telling("ann"), Telling("bob"), Document("cleo"), Telling("dora")]);

        Assert.That(await Customers.WithOutboxAsync(null, 10, None), Is.EqualTo(new[] { "ann", "bob", "dora" }));
        Assert.That(await Customers.WithOutboxAsync(null, 2, None), Is.EqualTo(new[] { "ann", "bob" }));
        Assert.That(await Customers.WithOutboxAsync("ann", 10, None), Is.EqualTo(new[] { "bob", "dora" }));

        await Customers.ClearOutboxesAsync([new("ann", 1), new("cleo", 1), new("dora", 1), new("nobody", 1)], None);

        Assert.That(await Customers.WithOutboxAsync(null, 10, None), Is.EqualTo(new[] { "bob" }));
        var ann = await LoadAsync("ann");
        Assert.That((ann.Outbox, ann.Version), Is.EqualTo(((Outbox?)null, 1L)), "clearing leaves the version as it is");
    }

    [Test]
    public async Task Clearing_keeps_an_outbox_that_has_more_to_tell()
    {
        await SaveAsync([Telling("ann")]);
        await SaveAsync([Document("ann", version: 2) with { Outbox = FullOutbox(2) }]);

        await Customers.ClearOutboxesAsync([new("ann", 1)], None);
        Assert.That((await LoadAsync("ann")).Outbox, Is.EqualTo(FullOutbox(2)));

        await Customers.ClearOutboxesAsync([new("ann", 3)], None);
        Assert.That((await LoadAsync("ann")).Outbox, Is.Null);
    }

    [Test]
    public async Task A_save_goes_through_though_the_outbox_was_cleared_meanwhile()
    {
        await SaveAsync([Telling("ann")]);
        await Customers.ClearOutboxesAsync([new("ann", 1)], None);

        var results = await Customers.CommitAsync([Save(Document("ann", version: 2))], None);

        Assert.That(results[0].Saved, Is.True);
        Assert.That(await Customers.WithOutboxAsync(null, 10, None), Is.Empty);
    }

    [Test]
    public async Task Customers_decided_by_other_rulebooks_come_in_pages_by_id()
    {
        await SaveAsync([.. AwkwardIds.Select((id, i) => DecidedBy(id, $"shop@{i % 4}"))]);
        var others = AwkwardIds.Where((_, i) => i % 4 != 2).ToList();

        Assert.That(await PagesAsync((after, limit) => Customers.NotDecidedByAsync("shop@2", after, limit, None), limit: 3), Is.EqualTo(others));
        Assert.That(await Customers.NotDecidedByAsync("shop@new", null, 1_000, None), Is.EqualTo(AwkwardIds));
    }

    [Test]
    public async Task A_customer_decided_anew_or_never_is_found_accordingly()
    {
        await SaveAsync([DecidedBy("ann", "shop@1"), DecidedBy("bob", "shop@1"), DecidedBy("never", "")]);
        await SaveAsync([DecidedBy("ann", "shop@2", version: 2)]);

        Assert.That(await Customers.NotDecidedByAsync("shop@2", null, 10, None), Is.EqualTo(new[] { "bob", "never" }));
        Assert.That(await Customers.NotDecidedByAsync("shop@1", null, 10, None), Is.EqualTo(new[] { "ann", "never" }));
    }

    [Test]
    public async Task A_scan_meets_every_document_once_in_the_order_of_ids()
    {
        await SaveAsync([.. AwkwardIds.Reverse().Select(id => FullDocument(id))]);

        var scanned = await PagesAsync(
            async (after, limit) => [.. (await Customers.ScanAsync(after, limit, None)).Select(document => document.Customer)], limit: 4);

        Assert.That(scanned, Is.EqualTo(AwkwardIds));
        Assert.That((await Customers.ScanAsync(null, 1, None))[0].Tags, Is.EqualTo(FullDocument("").Tags));
    }

    [Test]
    public async Task Ids_come_once_each_in_their_order_and_are_counted()
    {
        Assert.That(await Customers.CountAsync(None), Is.Zero);
        await SaveAsync([.. AwkwardIds.Reverse().Select(id => FullDocument(id))]);

        Assert.That(await PagesAsync(async (after, limit) => [.. await Customers.IdsAsync(after, limit, None)], limit: 4), Is.EqualTo(AwkwardIds));
        Assert.That(await Customers.CountAsync(None), Is.EqualTo(AwkwardIds.Length));
    }

    private static CustomerDocument Waking(string customer, Instant at, long version = 1) => Document(customer, version) with { WakesAt = at };

    private static CustomerDocument Telling(string customer) => Document(customer) with { Outbox = EmptyOutbox(1) };

    private static CustomerDocument DecidedBy(string customer, string rulebook, long version = 1) =>
        Document(customer, version) with { Tags = new TagSet(rulebook, 0, []) };

    private static async Task<List<string>> PagesAsync(Func<string?, int, Task<IReadOnlyList<string>>> read, int limit)
    {
        var all = new List<string>();
        while (await read(all.LastOrDefault(), limit) is { Count: > 0 } page)
        {
            Assert.That(page, Has.Count.LessThanOrEqualTo(limit));
            all.AddRange(page);
        }

        return all;
    }

    private async Task SaveAsync(IReadOnlyList<CustomerDocument> documents)
    {
        var results = await Customers.CommitAsync([.. documents.Select(document => Save(document))], None);
        Assert.That(results.Select(result => result.Saved), Is.All.True);
    }

    private async Task<CustomerDocument> LoadAsync(string customer) => (await Customers.LoadAsync([customer], None)).Single();
}
