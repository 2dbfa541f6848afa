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
    [TestCase(7)]
    public async Task Parts_read_at_once_hold_every_event_once_and_no_customer_in_two(int parts)
    {
        string[] customers = [.. Enumerable.Range(0, 700).Select(i => $"customer-{i}"), .. AwkwardIds];
        foreach (var minute in new[] { 3, 1, 2 })
            await Customers.CommitAsync([.. customers.Select((customer, i) => Append([.. Enumerable.Range(0, 1 + i % 3).Select(n => Event(customer, $"e-{minute}-{n}", minute))]))], None);

        var read = await Task.WhenAll(Enumerable.Range(0, parts).Select(part => Task.Run(() => ReadPartAsync(part, parts))));

        Assert.That(read.SelectMany(part => part).Select(journaled => journaled.Key), Is.Unique);
        Assert.That(read.Sum(part => part.Count), Is.EqualTo(await Journal.CountAsync(None)));
        var runs = read.SelectMany(part => part.Where((journaled, i) => i == 0 || part[i - 1].Customer != journaled.Customer)).Select(journaled => journaled.Customer);
        Assert.That(runs, Is.EquivalentTo(customers), "a customer's events come together, in one part");
        foreach (var events in read.SelectMany(part => part).GroupBy(journaled => journaled.Customer))
            Assert.That(events, Is.Ordered.By(nameof(JournaledEvent.OccurredAt)).Then.By(nameof(JournaledEvent.EventId)).Using((IComparer<string>)StringComparer.Ordinal));
        if (parts == 4)
            Assert.That(read.Select(part => part.Count), Is.All.GreaterThan(0), "the parts share the work");
    }

    [Test]
    public async Task A_customer_stays_in_one_part_while_events_are_appended()
    {
        string[] customers = [.. Enumerable.Range(0, 20).Select(i => $"customer-{i}")];
        async Task<string[]> CustomersOfPartAsync() => [.. (await ReadPartAsync(0, 2)).Select(journaled => journaled.Customer).Where(customers.Contains).Distinct()];
        await Customers.CommitAsync([.. customers.Select(customer => Append(Event(customer, "e-1")))], None);
        var before = await CustomersOfPartAsync();

        await Customers.CommitAsync([.. Enumerable.Range(100, 300).Select(i => Append(Event($"customer-{i}", "e-1")))], None);

        Assert.That(await CustomersOfPartAsync(), Is.EquivalentTo(before));
    }

    [Test]
    public async Task A_part_can_be_left_before_its_end_and_events_appended_meanwhile()
    {
        await Customers.CommitAsync([Append(Event("ann", "e-1"), Event("ann", "e-2")), Append(Event("bob", "e-1"))], None);

        await foreach (var _ in Journal.ReadPartAsync(0, 1, None))
        {
            await Customers.CommitAsync([Append(Event("cleo", "e-1"))], None);
            break;
        }

        Assert.That(await ReadPartAsync(0, 1), Has.Count.EqualTo(4));
    }

    [Test]
    public async Task Reading_a_part_stops_when_it_is_cancelled()
    {
        await Customers.CommitAsync([Append(Event("ann", "e-1"), Event("ann", "e-2"))], None);
        using var stop = new CancellationTokenSource();
        await using var events = Journal.ReadPartAsync(0, 1, stop.Token).GetAsyncEnumerator(None);
        await events.MoveNextAsync();

        await stop.CancelAsync();

        Assert.That(async () => await events.MoveNextAsync(), Throws.InstanceOf<OperationCanceledException>());
    }

    private async Task<List<JournaledEvent>> ReadPartAsync(int part, int parts)
    {
        var events = new List<JournaledEvent>();
        await foreach (var journaled in Journal.ReadPartAsync(part, parts, None))
            events.Add(journaled);
        return events;
    }
}
