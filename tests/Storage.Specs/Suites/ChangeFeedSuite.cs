using TaggingPipeline.Processing.Projections;
using static TaggingPipeline.Storage.Specs.Suites.Samples;

namespace TaggingPipeline.Storage.Specs.Suites;

/// <summary>Reading the change feed.</summary>
public abstract class ChangeFeedSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    [Test]
    public async Task Entries_come_in_the_order_in_which_they_were_committed()
    {
        await Views.CommitAsync([Save(View("bob"), Entry("bob", "1"), Entry("bob", "2")), Save(View("ann"), Entry("ann", "3"))], None);
        await Views.CommitAsync([Save(View("bob", 2), Entry("bob", "0"))], None);

        var entries = await Feed.ReadAsync(0, 100, None);

        Assert.That(entries.Select(entry => entry.Id), Is.EqualTo(new[] { "1", "2", "3", "0" }));
        Assert.That(entries.Select(entry => entry.Position), Is.Ordered.And.Unique.And.All.GreaterThan(0));
    }

    [Test]
    public async Task An_entry_comes_back_as_it_was_appended()
    {
        var appended = Entry("王小明", "变更🦊") with { Type = "segment.entered", Key = "高价值" };
        await Views.CommitAsync([Save(View("王小明"), appended)], None);

        var read = (await Feed.ReadAsync(0, 1, None)).Single();

        Assert.That((read.Id, read.Customer, read.Type, read.Key), Is.EqualTo((appended.Id, appended.Customer, appended.Type, appended.Key)));
        Assert.That(read.Body.ToArray(), Is.EqualTo(appended.Body.ToArray()));
    }

    [Test]
    public async Task Reading_goes_on_after_a_position()
    {
        await Views.CommitAsync([Save(View("ann"), [.. Enumerable.Range(0, 10).Select(i => Entry("ann", $"{i}"))])], None);

        var read = new List<FeedEntry>();
        while (await Feed.ReadAsync(read.LastOrDefault()?.Position ?? 0, 3, None) is { Count: > 0 } page)
        {
            Assert.That(page, Has.Count.LessThanOrEqualTo(3));
            read.AddRange(page);
        }

        Assert.That(read.Select(entry => entry.Id), Is.EqualTo(Enumerable.Range(0, 10).Select(i => $"{i}")));
        Assert.That(await Feed.ReadAsync(read[^1].Position, 100, None), Is.Empty);
    }

    [Test]
    public async Task An_entry_that_comes_again_stays_where_it_was()
    {
        await Views.CommitAsync([Save(View("ann"), Entry("ann", "1"), Entry("ann", "2"))], None);
        var before = await Feed.ReadAsync(0, 100, None);

        await Views.CommitAsync([Save(View("ann", 2), Entry("ann", "2"), Entry("ann", "3"), Entry("ann", "3"))], None);

        var after = await Feed.ReadAsync(0, 100, None);
        Assert.That(after.Select(entry => entry.Id), Is.EqualTo(new[] { "1", "2", "3" }));
        Assert.That(after.Take(2).Select(entry => entry.Position), Is.EqualTo(before.Select(entry => entry.Position)));
    }

    [Test]
    public async Task The_newest_position_is_that_of_the_last_entry()
    {
        Assert.That(await Feed.NewestPositionAsync(None), Is.Zero);

        foreach (var entries in new[] { 1, 3, 250, 0 })
        {
            var version = (await Views.LoadAsync(["ann"], None)).SingleOrDefault()?.Version + 1 ?? 1;
            await Views.CommitAsync([Save(View("ann", version), [.. Enumerable.Range(0, entries).Select(i => Entry("ann", $"{version}-{i}"))])], None);

            Assert.That(await Feed.NewestPositionAsync(None), Is.EqualTo((await Feed.ReadAsync(0, int.MaxValue, None))[^1].Position));
            Assert.That(await AnotherProcess().Feed.NewestPositionAsync(None), Is.EqualTo(await Feed.NewestPositionAsync(None)));
        }
    }

    [Test]
    public async Task The_entries_of_one_customer_are_read_apart()
    {
        for (var version = 1; version <= 4; version++)
            await Views.CommitAsync([Save(View("ann", version), Entry("ann", $"a{version}")), Save(View("bob", version), Entry("bob", $"b{version}"))], None);

        var first = await Feed.ReadOfCustomerAsync("bob", 0, 3, None);
        var rest = await Feed.ReadOfCustomerAsync("bob", first[^1].Position, 3, None);

        Assert.That(first.Select(entry => entry.Id), Is.EqualTo(new[] { "b1", "b2", "b3" }));
        Assert.That(rest.Select(entry => entry.Id), Is.EqualTo(new[] { "b4" }));
        Assert.That(await Feed.ReadOfCustomerAsync("cleo", 0, 3, None), Is.Empty);
    }

    [Test]
    public async Task A_reader_that_follows_four_writers_skips_nothing()
    {
        StoragePorts[] processes = [AnotherProcess(), AnotherProcess()];

        // One writer's commits are large, and take long; three others write small ones meanwhile. Were positions given out before the entries are there, the small ones
        // would be seen first, and the large ones skipped.
        async Task<string[]> WriteAsync(int writer, int entriesEach, Func<int, bool> goesOn)
        {
            var written = new List<string>();
            for (var version = 1; goesOn(version); version++)
            {
                string[] ids = [.. Enumerable.Range(0, entriesEach).Select(i => $"{writer}-{version}-{i}")];
                await processes[writer % 2].Views.CommitAsync([Save(View($"w{writer}", version), [.. ids.Select(id => Entry($"w{writer}", id))])], None);
                written.AddRange(ids);
            }

            return [.. written];
        }

        var large = Task.Run(() => WriteAsync(0, entriesEach: 300, version => version <= 50));
        var writing = Task.WhenAll([large, .. Enumerable.Range(1, 3).Select(writer => Task.Run(() => WriteAsync(writer, entriesEach: 2, _ => !large.IsCompleted)))]);

        // Follows as a subscriber does, never looking back, and keeps up: to one who is behind, everything is there already. Once the writers are done, one more read to the end.
        var followed = new List<FeedEntry>();
        bool done;
        do
        {
            done = writing.IsCompleted;
            while (await Feed.ReadAsync(followed.LastOrDefault()?.Position ?? 0, 10_000, None) is { Count: > 0 } page)
                followed.AddRange(page);
            await Task.Yield();
        }
        while (!done);
        var written = await writing;

        Assert.That(followed, Has.Count.EqualTo(written.Sum(ids => ids.Length)));
        for (var writer = 0; writer < written.Length; writer++)
            Assert.That(followed.Where(entry => entry.Customer == $"w{writer}").Select(entry => entry.Id), Is.EqualTo(written[writer]));
    }
}
