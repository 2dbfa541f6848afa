using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Rejections;

namespace TaggingPipeline.Storage.Specs.Suites;

/// <summary>What is done with rejected events that are kept.</summary>
public abstract class MendedRejectionsSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    private static readonly DateTimeOffset Noon = new(2025, 3, 1, 12, 0, 0, 123, TimeSpan.Zero);

    [Test]
    public async Task One_is_found_by_its_id()
    {
        await Rejected.AddAsync([Rejection("r-1"), Rejection("消息") with { Payload = "🦊" }], None);

        Assert.That(await Rejected.FindAsync("消息", None), Is.EqualTo(Rejection("消息") with { Payload = "🦊" }));
        Assert.That(await Rejected.FindAsync("r-3", None), Is.Null);
    }

    [Test]
    public async Task They_are_listed_by_code_and_pattern_in_pages()
    {
        await Rejected.AddAsync([.. Enumerable.Range(0, 20).Select(i => Rejection($"r-{i:00}") with { Code = $"c{i % 2}", Reason = i % 4 == 0 ? $"at byte {i}" : "elsewhere" })], None);

        Assert.That(await IdsAsync(new("c0", null)), Is.EqualTo(Enumerable.Range(0, 10).Select(i => $"r-{2 * i:00}")));
        Assert.That(await IdsAsync(new("c0", "at byte #")), Is.EqualTo(Enumerable.Range(0, 5).Select(i => $"r-{4 * i:00}")));
        Assert.That(await IdsAsync(new(null, "at byte #")), Is.EqualTo(Enumerable.Range(0, 5).Select(i => $"r-{4 * i:00}")));
        Assert.That(await IdsAsync(new("c1", "at byte #")), Is.Empty);
        Assert.That(await IdsAsync(RejectionFilter.Any), Has.Count.EqualTo(20));
    }

    [Test]
    public async Task They_are_counted_by_code_and_pattern()
    {
        await Rejected.AddAsync(
        [
            Rejection("r-1") with { Code = "b", Reason = "at byte 10", ReceivedAt = Noon.AddDays(1) },
            Rejection("r-2") with { Code = "b", Reason = "at byte 7", ReceivedAt = Noon },
            Rejection("r-3") with { Code = "b", Reason = "名", ReceivedAt = Noon },
            Rejection("r-4") with { Code = "a", Reason = "名", ReceivedAt = Noon.AddHours(1) },
        ], None);

        Assert.That(await Rejected.GroupAsync(None), Is.EqualTo(new RejectionGroup[]
        {
            new("a", "名", 1, Noon.AddHours(1), Noon.AddHours(1), Rejection("r-4") with { Code = "a", Reason = "名", ReceivedAt = Noon.AddHours(1) }),
            new("b", "at byte #", 2, Noon, Noon.AddDays(1), Rejection("r-1") with { Code = "b", Reason = "at byte 10", ReceivedAt = Noon.AddDays(1) }),
            new("b", "名", 1, Noon, Noon, Rejection("r-3") with { Code = "b", Reason = "名", ReceivedAt = Noon }),
        }));
        Assert.That((await Rejected.GroupAsync(None))[0].FirstAt.Offset, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public async Task A_reason_is_replaced_and_everything_else_stays()
    {
        await Rejected.AddAsync([Rejection("r-1"), Rejection("r-2") with { MessageId = "m", Source = "bus" }, Rejection("r-3")], None);
        var before = await Rejected.ListAsync(RejectionFilter.Any, 0, 10, None);

        await Rejected.ReplaceReasonAsync("r-2", new("other", "at byte 12"), "[]", None);
        await Rejected.ReplaceReasonAsync("r-4", new("other", "of one that is not there"), null, None);

        var after = await Rejected.ListAsync(RejectionFilter.Any, 0, 10, None);
        Assert.That(after, Is.EqualTo(new[] { before[0], (before[1].Position, before[1].Event with { Code = "other", Reason = "at byte 12", Steps = "[]" }), before[2] }));
        Assert.That(await IdsAsync(new("other", "at byte #")), Is.EqualTo(new[] { "r-2" }));
        Assert.That((await Rejected.GroupAsync(None)).Select(group => (group.Code, group.Count)), Is.EqualTo(new[] { ("missing-id", 2L), ("other", 1L) }));
    }

    [Test]
    public async Task Those_that_are_removed_are_gone_and_the_others_keep_their_positions()
    {
        await Rejected.AddAsync([.. Enumerable.Range(1, 6).Select(i => Rejection($"r-{i}"))], None);
        var before = await Rejected.ListAsync(RejectionFilter.Any, 0, 10, None);

        Assert.That(await Rejected.RemoveAsync(["r-2", "r-5", "r-6", "r-7"], None), Is.EqualTo(3));
        Assert.That(await Rejected.RemoveAsync(["r-2", "r-6"], None), Is.Zero);

        Assert.That(await Rejected.ListAsync(RejectionFilter.Any, 0, 10, None), Is.EqualTo(new[] { before[0], before[2], before[3] }));
        Assert.That(await Rejected.CountAsync(None), Is.EqualTo(3));
        Assert.That(await Rejected.FindAsync("r-6", None), Is.Null);
        Assert.That((await Rejected.GroupAsync(None)).Single().Count, Is.EqualTo(3));
    }

    [Test]
    public async Task One_that_was_removed_and_comes_again_is_kept_behind_all_that_were_ever_read()
    {
        await Rejected.AddAsync([Rejection("r-1"), Rejection("r-2")], None);
        var read = (await Rejected.ListAsync(RejectionFilter.Any, 0, 10, None))[^1].Position;
        Assert.That(await Rejected.NewestPositionAsync(None), Is.EqualTo(read));

        await Rejected.RemoveAsync(["r-1", "r-2"], None);
        Assert.That(await Rejected.NewestPositionAsync(None), Is.GreaterThanOrEqualTo(read));
        await Rejected.AddAsync([Rejection("r-2")], None);

        Assert.That((await Rejected.ListAsync(RejectionFilter.Any, read, 10, None)).Select(kept => kept.Event.Id), Is.EqualTo(new[] { "r-2" }));
        Assert.That(await AnotherProcess().Rejected.CountAsync(None), Is.EqualTo(1));
    }

    [Test]
    public async Task The_newest_position_is_nothing_before_the_first() => Assert.That(await Rejected.NewestPositionAsync(None), Is.Zero);

    [Test]
    public async Task Many_who_add_at_once_lose_nothing_and_take_each_once()
    {
        var processes = Enumerable.Range(0, 4).Select(_ => AnotherProcess().Rejected).ToList();

        await Task.WhenAll(processes.Select((process, writer) => Task.Run(async () =>
        {
            for (var i = 0; i < 5; i++)
                await process.AddAsync([.. Enumerable.Range(0, 20).Select(j => Rejection($"{(j % 2 == 0 ? "all" : writer)}-{i}-{j}"))], None);
        })));

        var kept = await Rejected.ListAsync(RejectionFilter.Any, 0, 1000, None);
        Assert.That(kept.Select(each => each.Event.Id), Is.Unique.And.Exactly((5 * 10) + (4 * 5 * 10)).Items);
        Assert.That(kept.Select(each => each.Position), Is.Ordered.And.Unique);
    }

    private async Task<List<string>> IdsAsync(RejectionFilter filter)
    {
        var ids = new List<string>();
        var after = 0L;
        while (await Rejected.ListAsync(filter, after, 3, None) is { Count: > 0 } page)
        {
            ids.AddRange(page.Select(kept => kept.Event.Id));
            after = page[^1].Position;
        }

        return ids;
    }

    private static RejectedEvent Rejection(string id) => new()
    {
        Id = id,
        ReceivedAt = Noon,
        Code = "missing-id",
        Reason = "neither userId nor anonymousId",
        Payload = "{}",
    };
}
