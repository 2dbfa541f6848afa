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
        const int Writers = 4;
        const int Commits = 50;
        StoragePorts[] processes = [AnotherProcess(), AnotherProcess()];
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var version = 1; version <= Commits; version++)
                await processes[writer % 2].Views.CommitAsync([Save(View($"w{writer}", version), Entry($"w{writer}", $"{writer}-{version}-a"), Entry($"w{writer}", $"{writer}-{version}-b"))], None);
        })));

        // Follows as a subscriber does, never looking back. Once the writers are done, one more read to the end.
        var followed = new List<FeedEntry>();
        bool done;
        do
        {
            done = writing.IsCompleted;
            while (await Feed.ReadAsync(followed.LastOrDefault()?.Position ?? 0, 5, None) is { Count: > 0 } page)
                followed.AddRange(page);
            await Task.Yield();
        }
        while (!done);
        await writing;

        Assert.That(followed.Select(entry => entry.Id), Is.Unique.And.Exactly(Writers * Commits * 2).Items);
        Assert.That(followed.Where(entry => entry.Customer == "w0").Select(entry => entry.Id),
            Is.EqualTo(Enumerable.Range(1, Commits).SelectMany(version => new[] { $"0-{version}-a", $"0-{version}-b" })));
    }
}
