using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Rejections;

namespace TaggingPipeline.Storage.Specs.Suites;

/// <summary>Keeping rejected events.</summary>
public abstract class RejectedEventsSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    [Test]
    public async Task A_rejection_comes_back_as_it_was_added()
    {
        var full = Rejection("r-1") with { MessageId = "消息", Payload = "{\"名\": \"\\ud83e\\udd8a\", broken \u0001 🦊", Source = "tracking", Request = "{\"type\":\"track\"}" };
        await Rejected.AddAsync([full, Rejection("r-2")], None);

        Assert.That((await Rejected.ListAsync(RejectionFilter.Any, 0, 10, None)).Select(kept => kept.Event), Is.EqualTo(new[] { full, Rejection("r-2") }));
    }

    [Test]
    public async Task The_oldest_come_first_in_pages_after_a_position()
    {
        await Rejected.AddAsync([.. Enumerable.Range(0, 5).Select(i => Rejection($"first-{9 - i}"))], None);
        await Rejected.AddAsync([.. Enumerable.Range(0, 5).Select(i => Rejection($"again-{i}"))], None);

        var read = new List<(long Position, RejectedEvent Event)>();
        while (await Rejected.ListAsync(RejectionFilter.Any, read.LastOrDefault().Position, 3, None) is { Count: > 0 } page)
            read.AddRange(page);

        Assert.That(read.Select(kept => kept.Event.Id),
            Is.EqualTo(Enumerable.Range(0, 5).Select(i => $"first-{9 - i}").Concat(Enumerable.Range(0, 5).Select(i => $"again-{i}"))));
        Assert.That(read.Select(kept => kept.Position), Is.Ordered.And.Unique);
    }

    [Test]
    public async Task A_rejection_added_again_is_kept_once()
    {
        await Rejected.AddAsync([Rejection("r-1"), Rejection("r-1")], None);
        await Rejected.AddAsync([Rejection("r-1") with { Reason = "another" }, Rejection("r-2")], None);

        Assert.That((await Rejected.ListAsync(RejectionFilter.Any, 0, 10, None)).Select(kept => kept.Event), Is.EqualTo(new[] { Rejection("r-1"), Rejection("r-2") }));
        Assert.That(await Rejected.CountAsync(None), Is.EqualTo(2));
    }

    [Test]
    public async Task There_are_none_before_the_first()
    {
        await Rejected.AddAsync([], None);

        Assert.That(await Rejected.CountAsync(None), Is.Zero);
        Assert.That(await Rejected.ListAsync(RejectionFilter.Any, 0, 10, None), Is.Empty);
    }

    private static RejectedEvent Rejection(string id) => new()
    {
        Id = id,
        ReceivedAt = new DateTimeOffset(2025, 3, 1, 12, 0, 0, 123, TimeSpan.Zero),
        Code = "missing-id",
        Reason = "neither userId nor anonymousId",
        Payload = "",
    };
}
