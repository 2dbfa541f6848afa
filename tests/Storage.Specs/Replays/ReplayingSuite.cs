using System.Collections.Immutable;
using System.Text.Json;
using NodaTime;
using NUnit.Framework;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Replays;
using TaggingPipeline.Storage.Specs.Suites;

namespace TaggingPipeline.Storage.Specs.Replays;

/// <summary>What replays find and write, where nobody else is at work.</summary>
public abstract class ReplayingSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    private const int Seed = 20250301;

    /// <summary>It is another if events, rules or facts are: then take what the test printed, over every store.</summary>
    private const string DigestOfTheSeed = "4ee4d4f88bee9ee8ae2c59554098f9e6";

    private ReplayedShop _shop = null!;

    [SetUp]
    public void OpenShop() => _shop = new(AnotherProcess());

    [Test]
    public async Task Promise_4_what_came_about_event_by_event_equals_a_replay_digest_for_digest()
    {
        TestContext.Out.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        var events = ReplayedShop.RandomEvents(random, customers: 40, count: 1_200);
        random.Shuffle(events);

        // Late events and ones to come, deliveries again after crashes at each step of the protocol, timers on the way, and two changes of the rules.
        var (batches, number) = (events.Chunk(25).ToArray(), 0);
        foreach (var rulebook in (Rulebook[])[ReplayedShop.OtherRules, ReplayedShop.OtherMeasures, ReplayedShop.Rulebook])
        {
            _shop.Current.Replace(rulebook);
            foreach (var batch in batches.Skip(number).Take(batches.Length / 3))
            {
                _shop.Clock.Now += Duration.FromMinutes(random.Next(8));
                if (random.Next(3) == 0)
                    await CrashAsync(batch, random.Next(2));
                await _shop.TakeAsync(batch);
                if (random.Next(4) == 0)
                    await _shop.TakeAsync(random.GetItems(events, 5)[..1]);
                await _shop.Due.RunAsync(None);
                number++;
            }

            await _shop.Rollover.RunAsync(None);
        }

        _shop.Clock.Now += Duration.FromMinutes(37);
        var replay = await _shop.ReplayAsync(new());

        Assert.That(replay.State, Is.EqualTo(ReplayState.Done), replay.Failure);
        Assert.That(replay.Report.Different, Is.Zero, () => JsonSerializer.Serialize(replay.Report.Samples.Select(sample => (sample.Customer, sample.Facts, sample.Tags.Length))));
        Assert.That(replay.Report.Replayed, Is.EqualTo(replay.Report.Live));
        Assert.That(replay.Report.Live, Is.EqualTo(await _shop.DigestAsync(_shop.Clock.Now)), "the digest that is read is that of the documents");
        Assert.That(replay.Report.Customers, Is.EqualTo(40).And.EqualTo(await Customers.CountAsync(None)));
        Assert.That(replay.Report.Events, Is.EqualTo(await Journal.CountAsync(None)));

        // The same journal over another store gives the same number: so it is written down.
        TestContext.Out.WriteLine($"digest {replay.Report.Replayed}");
        Assert.That(replay.Report.Replayed.ToString(), Is.EqualTo(DigestOfTheSeed));
    }

    [Test]
    public async Task What_is_wrong_is_found_and_a_dry_run_writes_nothing()
    {
        await _shop.FillAsync();
        var right = await _shop.DigestAsync(_shop.Clock.Now);
        await SpoilAsync();
        var spoilt = await _shop.DigestAsync(_shop.Clock.Now);
        var before = await Customers.ScanAsync(null, 100, None);

        var report = (await _shop.ReplayAsync(new())).Report;

        Assert.That((report.Customers, report.Different, report.WithoutDocument, report.WithoutEvents, report.Written), Is.EqualTo((6L, 3L, 0L, 1L, 0L)));
        Assert.That(report.Tags["spent"], Is.EqualTo(new TagCounts(0, 0, 1)));
        Assert.That(report.Tags["active"], Is.EqualTo(new TagCounts(1, 0, 0)));
        var wrong = report.Samples.Single(sample => sample.Customer == "bob");
        Assert.That(wrong.Tags, Is.EqualTo(new[] { new TagDifference("spent", Value.Of(7), Value.Of(20)) }));
        Assert.That((wrong.Facts, report.Samples.Single(sample => sample.Customer == "cleo").Facts), Is.EqualTo((false, true)));
        Assert.That(report.Replayed, Is.EqualTo(right));
        Assert.That(report.Live, Is.EqualTo(spoilt).And.Not.EqualTo(right));
        Assert.That((await Customers.ScanAsync(null, 100, None)).Select(document => (document.Customer, document.Version)), Is.EqualTo(before.Select(document => (document.Customer, document.Version))));
    }

    [Test]
    public async Task Applied_what_is_wrong_is_right_again_told_once_with_its_cause_and_run_and_applied_again_nothing_is_written()
    {
        await _shop.FillAsync();
        var right = await _shop.DigestAsync(_shop.Clock.Now);
        await SpoilAsync();
        var position = await Feed.NewestPositionAsync(None);

        var report = (await _shop.ReplayAsync(new() { Apply = true })).Report;

        Assert.That((report.Different, report.Written, report.WithoutEvents), Is.EqualTo((3L, 3L, 1L)));
        Assert.That(await _shop.DigestAsync(_shop.Clock.Now) - await DigestOfAsync("nobody's"), Is.EqualTo(right));
        var told = (await Feed.ReadAsync(position, 100, None)).Select(entry => JsonSerializer.Deserialize<ChangeEnvelope>(entry.Body.Span, ContractsJson.Options)!).ToArray();
        Assert.That(told.Select(change => (change.Subject, change.Data.Key)), Is.EquivalentTo(new[] { ("bob", "spent"), ("dora", "active") }));
        Assert.That(told, Has.All.Matches<ChangeEnvelope>(change => change is { Cause: "replay", Data.Run: "replay-1" }));
        Assert.That(told.Single(change => change.Subject == "bob").Sequence, Is.EqualTo((await Customers.LoadAsync(["bob"], None))[0].Tags.Sequence));

        var newest = await Feed.NewestPositionAsync(None);
        var again = (await _shop.ReplayAsync(new() { Apply = true }, "replay-2")).Report;
        Assert.That((again.Different, again.Written), Is.EqualTo((0L, 0L)));
        Assert.That(await Feed.NewestPositionAsync(None), Is.EqualTo(newest));
    }

    [Test]
    public async Task Whoever_would_sleep_through_their_next_change_is_found_and_wakes_again()
    {
        await _shop.FillAsync();
        var wakes = (await Customers.LoadAsync(["dora"], None))[0].WakesAt;
        await ChangeAsync("dora", document => document with { WakesAt = null });

        var report = (await _shop.ReplayAsync(new() { Apply = true })).Report;

        Assert.That((report.Written, report.Samples.Single().Customer), Is.EqualTo((1L, "dora")));
        Assert.That((await Customers.LoadAsync(["dora"], None))[0].WakesAt, Is.EqualTo(wakes).And.Not.Null);
        Assert.That((await _shop.ReplayAsync(new(), "replay-2")).Report.Different, Is.Zero);
    }

    [Test]
    public async Task Documents_that_were_lost_are_made_anew()
    {
        await _shop.FillAsync();
        var right = await _shop.DigestAsync(_shop.Clock.Now);
        await using var store = new TStore();
        foreach (var customer in await Journal.CustomersAsync(null, 100, None))
            await store.Ports.Customers.CommitAsync([Samples.Append([.. await Journal.ReadAsync(customer, None)])], None);
        var shop = new ReplayedShop(store.Ports, clock: _shop.Clock);

        var report = (await shop.ReplayAsync(new() { Apply = true })).Report;

        Assert.That((report.WithoutDocument, report.Written), Is.EqualTo((6L, 6L)));
        Assert.That(await shop.DigestAsync(_shop.Clock.Now), Is.EqualTo(right));
        Assert.That((await store.Ports.Views.MembersAsync("spenders", null, 9, None)).Count, Is.EqualTo((await Views.MembersAsync("spenders", null, 9, None)).Count).And.GreaterThan(0));
    }

    [Test]
    public async Task With_nobody_told_views_and_memberships_are_right_and_numbers_have_no_gaps()
    {
        await _shop.FillAsync();
        await SpoilAsync();
        await ChangeAsync("erik", document => document with
        {
            Tags = With(document.Tags, "spent", Value.Of(1)),
            Outbox = new(document.Version + 1, _shop.Clock.Now, ChangeCause.Event, []),
        });
        await _shop.Publisher.SweepAsync(None);
        Assert.That(await SpendersAsync(), Is.Empty, "by the journal erik is one");
        var position = await Feed.NewestPositionAsync(None);
        var bob = (await Customers.LoadAsync(["bob"], None))[0];
        _shop.Clock.Now += Duration.FromMinutes(1);

        var report = (await _shop.ReplayAsync(new() { Apply = true, TellsChanges = false })).Report;

        Assert.That(report.Written, Is.EqualTo(4));
        Assert.That(await Feed.NewestPositionAsync(None), Is.EqualTo(position), "nobody was told");
        Assert.That((await Customers.LoadAsync(["bob"], None))[0].Tags.Sequence, Is.EqualTo(bob.Tags.Sequence));
        Assert.That((await Views.LoadAsync(["bob"], None))[0].Tags.Single(tag => tag.Key == "spent").Value, Is.EqualTo(Value.Of(20)));
        Assert.That(await SpendersAsync(), Is.EqualTo(new[] { "erik" }));

        // What comes next goes on with the next number.
        var at = _shop.Clock.Now += Duration.FromMinutes(1);
        await _shop.TakeAsync(
            ReplayedShop.Purchase("b-2", "bob", 100, at),
            ReplayedShop.Event("e-2", "erik", "purchase", "Order Refunded", at, """{"order_id": "e-1", "total": 390}"""));
        foreach (var customer in (string[])["bob", "erik"])
        {
            var told = (await Feed.ReadOfCustomerAsync(customer, 0, 100, None)).Select(entry => JsonSerializer.Deserialize<ChangeEnvelope>(entry.Body.Span, ContractsJson.Options)!).ToArray();
            foreach (var kind in told.ToLookup(change => change.Type.StartsWith("tag.", StringComparison.Ordinal)))
                Assert.That(kind.Select(change => change.Sequence), Is.EqualTo(Enumerable.Range(1, kind.Count()).Select(number => (long)number)), customer);
            foreach (var key in told.ToLookup(change => change.Data.Key))
                Assert.That(key.Select(change => change.KeySequence), Is.EqualTo(Enumerable.Range(1, key.Count()).Select(number => (long)number)), customer);
        }

        Assert.That(await SpendersAsync(), Is.EqualTo(new[] { "bob" }));
        Assert.That((await History.MembersAtAsync("spenders", at, null, 9, None)).Select(member => member.Customer), Is.EqualTo(new[] { "bob" }));
        Assert.That((await History.MembersAtAsync("spenders", at - Duration.FromMinutes(1), null, 9, None)).Select(member => member.Customer), Is.EqualTo(new[] { "erik" }), "the history has what nobody was told");
    }

    [Test]
    public async Task Only_the_customers_asked_for_are_rebuilt()
    {
        await _shop.FillAsync();
        await SpoilAsync();

        var some = (await _shop.ReplayAsync(new() { Customers = ["bob", "cleo", "unheard-of"] })).Report;
        var segment = (await _shop.ReplayAsync(new() { Segment = "parisians" }, "replay-2")).Report;

        Assert.That((some.Customers, some.Different), Is.EqualTo((2L, 2L)));
        Assert.That((segment.Customers, segment.Different), Is.EqualTo((1L, 0L)));
    }

    [Test]
    public async Task Under_another_rulebook_the_difference_is_what_it_would_change()
    {
        await _shop.FillAsync();

        var report = (await _shop.ReplayAsync(new()
        {
            Rulebook = """
                rulebook: other
                timezone: UTC
                tags:
                  - { key: spent, category: value, value: sum(purchase.total) * 2 }
                  - { key: buyer, category: value, when: count(purchase) >= 1 }
                """,
        })).Report;

        Assert.That(report.Tags["buyer"], Is.EqualTo(new TagCounts(4, 0, 0)));
        Assert.That(report.Tags["spent"].Changed, Is.EqualTo(4));
        Assert.That(report.Tags["active"].Gained + report.Tags["active"].Changed, Is.Zero, "what that rulebook has no rule for is lost");
        Assert.That(report.Live, Is.EqualTo(await _shop.DigestAsync(_shop.Clock.Now)), "the digest of what the documents have, of those too whose tags are the same");
    }

    [Test]
    public async Task The_digests_of_ranges_lead_to_the_customer_who_differs()
    {
        await _shop.FillAsync();
        var whole = await _shop.Digests.ReadAsync(null, null, _shop.Clock.Now, 100, None);
        var three = await _shop.Digests.ReadAsync(null, null, _shop.Clock.Now, 3, None);

        Assert.That(whole.Parts.Select(part => part.Customers), Is.All.EqualTo(1));
        Assert.That(whole.Parts.Select(part => part.Until), Is.EqualTo([.. (await Customers.ScanAsync(null, 100, None)).Select(document => document.Customer).SkipLast(1), null]));
        Assert.That(three.Parts, Has.Length.InRange(2, 3));
        Assert.That(three.Parts.Aggregate(StateDigest.None, (sum, part) => sum + part.Digest), Is.EqualTo(whole.Whole.Digest).And.EqualTo(three.Whole.Digest));
        var again = await _shop.Digests.ReadAsync(null, null, _shop.Clock.Now, [.. three.Parts.SkipLast(1).Select(part => part.Until!)], None);
        Assert.That(again.Parts, Is.EqualTo(three.Parts), "the same ranges, given");

        var document = (await Customers.LoadAsync(["cleo"], None))[0];
        await Customers.CommitAsync([Samples.Save(document with { Version = document.Version + 1, Facts = StoredFacts.Of(CustomerFacts.Of(ReplayedShop.Rulebook)) })], None);
        var spoilt = await _shop.Digests.ReadAsync(null, null, _shop.Clock.Now, 100, None);
        Assert.That(spoilt.Parts.Zip(whole.Parts).Where(pair => pair.First != pair.Second).Select(pair => pair.First.Until), Is.EqualTo(new[] { "cleo" }));
    }

    /// <summary>A delivery that came no further than to the document, or to the journal.</summary>
    private async Task CrashAsync(ShopEvent[] batch, int step)
    {
        if (step == 0)
            await _shop.Committer.CommitAsync(batch, _shop.Current, None); // nobody was told, nothing acknowledged
        else
            await _shop.Committer.CommitAsync([.. batch.Take(batch.Length / 2)], _shop.Current, None);
    }

    /// <summary>Bob's tag, Dora's tag and Cleo's facts are not what they should be, and somebody has a document and no events.</summary>
    private async Task SpoilAsync()
    {
        foreach (var (customer, key, value) in new[] { ("bob", "spent", Value.Of(7)), ("dora", "active", Value.Missing) })
            await ChangeAsync(customer, document => document with { Tags = With(document.Tags, key, value) });
        await ChangeAsync("cleo", document => document with { Facts = Bare(document) });
        var ann = (await Customers.LoadAsync(["ann"], None))[0];
        await Customers.CommitAsync([Samples.Save(ann with { Customer = "nobody's", Version = 1, Applied = [] })], None);
    }

    private async Task<string[]> SpendersAsync() => [.. (await Views.MembersAsync("spenders", null, 9, None)).Select(member => member.Customer)];

    private async Task ChangeAsync(string customer, Func<CustomerDocument, CustomerDocument> change)
    {
        var document = (await Customers.LoadAsync([customer], None))[0];
        await Customers.CommitAsync([Samples.Save(change(document) with { Version = document.Version + 1 })], None);
    }

    private static TagSet With(TagSet tags, string key, Value value) => new(tags.Rulebook, tags.Sequence, tags.States.Select(state =>
        state.Key == key ? new TagState(key, state.Category, value, state.Since, state.KeySequence, state.ChangesAt) : state));

    /// <summary>The facts as if another event had come too.</summary>
    private static StoredFacts Bare(CustomerDocument document)
    {
        var facts = document.Facts.For(ReplayedShop.Rulebook)!;
        var more = EventMapping.ToDomain(ReplayedShop.Event("x", document.Customer, "profile", "identify", ReplayedShop.Noon - Duration.FromDays(9), """{"unseen": 1}"""));
        return StoredFacts.Of(Tagging.Observe(facts, more, ReplayedShop.Rulebook, ReplayedShop.Noon));
    }

    private async Task<StateDigest> DigestOfAsync(string customer) =>
        (await _shop.Digests.ReadAsync(null, null, _shop.Clock.Now, 100, None)).Parts.Single(part => part.Until == customer).Digest;
}
