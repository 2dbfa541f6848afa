using NodaTime;
using TaggingPipeline.Processing.Journal;
using static TaggingPipeline.Storage.Specs.Suites.Samples;

namespace TaggingPipeline.Storage.Specs.Suites;

/// <summary>Reading the journal.</summary>
public abstract class JournalSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    [Test]
    public async Task Known_are_the_events_that_were_appended()
    {
        await Customers.CommitAsync([Append(Event("ann", "e-1"), Event("ann", "e-2")), Append(Event("bob", "e-3"))], None);

        var known = await Journal.KnownAsync([new("ann", "e-1"), new("ann", "e-3"), new("bob", "e-3"), new("cleo", "e-1"), new("ann", "E-1")], None);

        Assert.That(known, Is.EquivalentTo(new EventKey[] { new("ann", "e-1"), new("bob", "e-3") }));
        Assert.That(await Journal.KnownAsync([], None), Is.Empty);
    }

    [Test]
    public async Task The_same_event_id_of_two_customers_is_two_events()
    {
        await Customers.CommitAsync([Append(Event("ann", "e-1"))], None);

        var results = await Customers.CommitAsync([Append(Event("bob", "e-1"))], None);

        Assert.That(results[0].Appended, Is.EqualTo(1));
        Assert.That((await Journal.ReadAsync("ann", None)).Select(journaled => journaled.Key), Is.EqualTo(new[] { new EventKey("ann", "e-1") }));
        Assert.That((await Journal.ReadAsync("bob", None)).Select(journaled => journaled.Key), Is.EqualTo(new[] { new EventKey("bob", "e-1") }));
    }

    [Test]
    public async Task Customer_and_event_id_do_not_run_together()
    {
        await Customers.CommitAsync([Append(Event("ab", "c"))], None);

        Assert.That(await Journal.KnownAsync([new("a", "bc"), new("abc", ""), new("ab", "c")], None), Is.EquivalentTo(new[] { new EventKey("ab", "c") }));
    }

    [Test]
    public async Task An_event_comes_back_as_it_was_appended()
    {
        byte[] padded = [.. "  "u8, .. Event("", "事件🦊").Body.Span, .. "  "u8];
        var appended = new JournaledEvent("王小明", "事件🦊", Instant.FromUnixTimeMilliseconds(-62_135_596_800_000), padded.AsMemory()[2..^2]);
        await Customers.CommitAsync([Append(appended)], None);

        var read = (await Journal.ReadAsync("王小明", None)).Single();

        Assert.That(read with { Body = appended.Body }, Is.EqualTo(appended));
        Assert.That(read.Body.ToArray(), Is.EqualTo(appended.Body.ToArray()));
    }

    [Test]
    public async Task An_event_that_comes_again_does_not_replace_the_first()
    {
        await Customers.CommitAsync([Append(Event("ann", "e-1", minute: 1))], None);
        await Customers.CommitAsync([Append(Event("ann", "e-1", minute: 2))], None);

        Assert.That((await Journal.ReadAsync("ann", None)).Select(journaled => journaled.OccurredAt), Is.EqualTo(new[] { At(1) }));
    }

    [Test]
    public async Task Events_of_a_customer_come_by_instant_and_then_id()
    {
        await Customers.CommitAsync([Append([.. AwkwardIds.Reverse().Select(id => Event("ann", id, minute: 5)), Event("ann", "zz", minute: 1)])], None);
        await Customers.CommitAsync([Append(Event("ann", "0", minute: 9)), Append(Event("ann ", "other", minute: 5))], None);

        Assert.That((await Journal.ReadAsync("ann", None)).Select(journaled => journaled.EventId), Is.EqualTo((string[])["zz", .. AwkwardIds, "0"]));
        Assert.That(await Journal.ReadAsync("nobody", None), Is.Empty);
    }

    [TestCase(1)]
    [TestCase(4)]
    [TestCase(10_000)]
    public async Task Customers_page_by_page_are_all_who_have_events_each_once(int limit)
    {
        string[] customers = [.. Enumerable.Range(0, 60).Select(i => $"customer-{i}"), .. AwkwardIds];
        foreach (var minute in new[] { 3, 1, 2 })
            await Customers.CommitAsync([.. customers.Select((customer, i) => Append([.. Enumerable.Range(0, 1 + i % 3).Select(n => Event(customer, $"e-{minute}-{n}", minute))]))], None);
        await Customers.CommitAsync([Save(Document("without-events"))], None);

        var found = await CustomersAsync(limit);

        Assert.That(found, Is.EquivalentTo(customers));
        Assert.That(await AnotherProcess().Journal.CustomersAsync(null, customers.Length, None), Is.EqualTo(found), "in one order");
        Assert.That(await Journal.CustomersAsync(found[^1], 1, None), Is.Empty);
    }

    [Test]
    public async Task Customers_keep_their_order_while_events_are_appended_and_one_is_found_behind_any_id()
    {
        await Customers.CommitAsync([.. Enumerable.Range(0, 40).Select(i => Append(Event($"customer-{i}", "e-1")))], None);
        var before = await CustomersAsync(7);

        await Customers.CommitAsync([.. Enumerable.Range(20, 60).Select(i => Append(Event($"customer-{i}", "e-2")))], None);

        Assert.That((await CustomersAsync(7)).Where(before.Contains), Is.EqualTo(before));
        var some = await Journal.CustomersAsync("nobody", 80, None);
        Assert.That(some, Is.EqualTo((await CustomersAsync(80)).TakeLast(some.Count)), "an id that has no events has its place too");
    }

    [Test]
    public async Task A_customer_of_very_many_events_is_one_customer()
    {
        await Customers.CommitAsync([Append([.. Enumerable.Range(0, 2_500).Select(i => Event("busy", $"e-{i}"))]), .. Enumerable.Range(0, 20).Select(i => Append(Event($"customer-{i}", "e-1")))], None);

        Assert.That(await CustomersAsync(3), Is.Unique.And.Count.EqualTo(21));
    }

    [Test]
    public async Task Events_of_many_come_customer_by_customer_each_in_their_order()
    {
        string[] customers = [.. Enumerable.Range(0, 120).Select(i => $"customer-{i}"), .. AwkwardIds];
        foreach (var minute in new[] { 3, 1, 2 })
            await Customers.CommitAsync([.. customers.Select((customer, i) => Append([.. Enumerable.Range(0, 1 + i % 3).Select(n => Event(customer, $"e-{minute}-{n}", minute))]))], None);
        string[] asked = [.. customers.Where((_, i) => i % 2 == 0), "nobody"];

        var read = await ReadManyAsync(asked);

        var runs = read.Where((journaled, i) => i == 0 || read[i - 1].Customer != journaled.Customer).Select(journaled => journaled.Customer);
        Assert.That(runs, Is.EquivalentTo(asked[..^1]), "a customer's events come together");
        foreach (var customer in asked)
            Assert.That(read.Where(journaled => journaled.Customer == customer).Select(journaled => journaled.Key), Is.EqualTo((await Journal.ReadAsync(customer, None)).Select(journaled => journaled.Key)));
        Assert.That(await ReadManyAsync([]), Is.Empty);
    }

    [Test]
    public async Task Of_a_customer_of_very_many_events_each_comes_once()
    {
        await Customers.CommitAsync([Append([.. Enumerable.Range(0, 25_000).Select(i => Event("busy", $"e-{i}", (i * 7_919) % 10_007))])], None);

        var read = await ReadManyAsync(["busy"]);

        Assert.That(read.Select(journaled => journaled.EventId).Distinct().Count(), Is.EqualTo(25_000).And.EqualTo(read.Count));
        var falls = read.Where((journaled, i) => i > 0 && read[i - 1].OccurredAt > journaled.OccurredAt).Count();
        Assert.That(falls, Is.LessThanOrEqualTo(25_000 / IJournal.MostInOrder), "in runs that are in order");
    }

    [Test]
    public async Task Whoever_has_no_events_is_told_apart()
    {
        await Customers.CommitAsync([.. AwkwardIds.Where((_, i) => i % 2 == 0).Select(customer => Append(Event(customer, "e-1"))), Save(Document("document-only"))], None);

        Assert.That(await Journal.WithoutEventsAsync([.. AwkwardIds, "document-only"], None), Is.EquivalentTo([.. AwkwardIds.Where((_, i) => i % 2 == 1), "document-only"]));
        Assert.That(await Journal.WithoutEventsAsync([], None), Is.Empty);
    }

    [Test]
    public async Task Reading_many_can_be_left_before_its_end_and_events_appended_meanwhile()
    {
        await Customers.CommitAsync([Append(Event("ann", "e-1"), Event("ann", "e-2")), Append(Event("bob", "e-1"))], None);

        await foreach (var _ in Journal.ReadManyAsync(["ann", "bob"], None))
        {
            await Customers.CommitAsync([Append(Event("cleo", "e-1"))], None);
            break;
        }

        Assert.That(await ReadManyAsync(["ann", "bob", "cleo"]), Has.Count.EqualTo(4));
    }

    [Test]
    public async Task Reading_many_stops_when_it_is_cancelled()
    {
        await Customers.CommitAsync([Append(Event("ann", "e-1"), Event("ann", "e-2"))], None);
        using var stop = new CancellationTokenSource();
        await using var events = Journal.ReadManyAsync(["ann"], stop.Token).GetAsyncEnumerator(None);
        await events.MoveNextAsync();

        await stop.CancelAsync();

        Assert.That(async () => await events.MoveNextAsync(), Throws.InstanceOf<OperationCanceledException>());
    }

    private async Task<List<string>> CustomersAsync(int limit)
    {
        var found = new List<string>();
        while (await Journal.CustomersAsync(found.Count == 0 ? null : found[^1], limit, None) is { Count: > 0 } page)
            found.AddRange(page);
        return found;
    }

    private async Task<List<JournaledEvent>> ReadManyAsync(IReadOnlyCollection<string> customers)
    {
        var events = new List<JournaledEvent>();
        await foreach (var journaled in Journal.ReadManyAsync(customers, None))
            events.Add(journaled);
        return events;
    }
}
