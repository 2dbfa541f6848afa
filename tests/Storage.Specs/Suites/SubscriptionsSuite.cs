using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Subscriptions;
using static TaggingPipeline.Storage.Specs.Suites.Samples;

namespace TaggingPipeline.Storage.Specs.Suites;

/// <summary>Keeping subscriptions and the log of what was sent to them.</summary>
public abstract class SubscriptionsSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    [Test]
    public async Task A_subscription_comes_back_as_it_was_saved()
    {
        var full = Sample("订阅") with
        {
            Terms = new()
            {
                Address = "https://example.com/钩子?a=1",
                Filter = new() { Keys = ["value-tier"], Types = ["tag.added"], Causes = ["event", "time"], Segments = ["赢回"], Categories = ["value"] },
                Traits = ["city", "城市"],
                Shape = PayloadShape.Segment,
                Concurrency = 64,
                BatchSize = 100,
                TimeoutSeconds = 60,
            },
            Secrets = [SigningSecret.Of(new byte[24]), new(SigningSecret.Of(new byte[64]).Text, At(3))],
            State = SubscriptionState.Parked,
            Reason = "\"500\" 🦊",
            FailingSince = At(1),
            Incarnation = long.MaxValue,
            Position = 5_000_000_000,
            ReadTo = 5_000_000_100,
            Waiting = [5_000_000_001, 5_000_000_099],
            Moves = 2,
        };
        Assert.That(await Subscriptions.SaveAsync(full, None));
        Assert.That(await Subscriptions.SaveAsync(Sample("plain"), None));

        Assert.That(await AnotherProcess().Subscriptions.FindAsync("订阅", None), Is.EqualTo(full));
        Assert.That(await Subscriptions.FindAsync("plain", None), Is.EqualTo(Sample("plain")));
        Assert.That(await Subscriptions.FindAsync("none", None), Is.Null);
    }

    [Test]
    public async Task They_are_listed_in_the_order_of_their_bytes()
    {
        Assert.That(await Subscriptions.ListAsync(None), Is.Empty);
        foreach (var id in AwkwardIds.Reverse())
            await Subscriptions.SaveAsync(Sample(id), None);

        Assert.That((await Subscriptions.ListAsync(None)).Select(each => each.Id), Is.EqualTo(AwkwardIds));
    }

    [Test]
    public async Task Who_saves_over_another_version_is_refused()
    {
        await Subscriptions.SaveAsync(Sample("a"), None);
        Assert.That(await Subscriptions.SaveAsync(Sample("a") with { Position = 9 }, None), Is.False, "there is one already");
        Assert.That(await Subscriptions.SaveAsync(Sample("a", version: 3), None), Is.False, "version 2 is missing");
        Assert.That(await Subscriptions.SaveAsync(Sample("b", version: 2), None), Is.False, "there is none");

        Assert.That(await AnotherProcess().Subscriptions.SaveAsync(Sample("a", version: 2), None));
        Assert.That(await Subscriptions.SaveAsync(Sample("a", version: 2) with { Position = 9 }, None), Is.False);
        Assert.That((await Subscriptions.ListAsync(None)).Single(), Is.EqualTo(Sample("a", version: 2)));
    }

    [Test]
    public async Task Who_saves_over_one_that_was_removed_and_added_again_is_refused()
    {
        await Subscriptions.SaveAsync(Sample("a") with { Incarnation = 1 }, None);
        await Subscriptions.RemoveAsync("a", None);
        await Subscriptions.SaveAsync(Sample("a") with { Incarnation = long.MaxValue }, None);

        Assert.That(await Subscriptions.SaveAsync(Sample("a", version: 2) with { Incarnation = 1, Position = 9 }, None), Is.False);
        Assert.That((await Subscriptions.FindAsync("a", None))!.Position, Is.Zero);
        Assert.That(await AnotherProcess().Subscriptions.SaveAsync(Sample("a", version: 2) with { Incarnation = long.MaxValue, Position = 9 }, None));
    }

    [Test]
    public async Task Of_many_at_once_one_saves()
    {
        await Subscriptions.SaveAsync(Sample("a"), None);
        var (one, other) = (Subscriptions, AnotherProcess().Subscriptions);

        var saved = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(i => Task.Run(() => (i % 2 == 0 ? one : other).SaveAsync(Sample("a", version: 2) with { Position = i }, None))));

        Assert.That(saved.Count(each => each), Is.EqualTo(1));
        Assert.That((await one.FindAsync("a", None))!.Position, Is.EqualTo(Array.IndexOf(saved, true)));
    }

    [Test]
    public async Task What_is_removed_is_gone_with_its_log()
    {
        await Subscriptions.SaveAsync(Sample("a"), None);
        await Subscriptions.SaveAsync(Sample("b"), None);
        await Subscriptions.AppendAttemptsAsync("a", [Attempt(1)], None);
        await Subscriptions.AppendAttemptsAsync("b", [Attempt(2)], None);

        Assert.That(await Subscriptions.RemoveAsync("a", None));
        Assert.That(await Subscriptions.RemoveAsync("a", None), Is.False);
        await Subscriptions.AppendAttemptsAsync("a", [Attempt(3)], None);

        Assert.That(await Subscriptions.SaveAsync(Sample("a", version: 2), None), Is.False);
        Assert.That(await Subscriptions.SaveAsync(Sample("a"), None));
        Assert.That(await Subscriptions.ReadAttemptsAsync("a", None), Is.Empty);
        Assert.That(await Subscriptions.ReadAttemptsAsync("b", None), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task The_log_comes_back_the_newest_first()
    {
        await Subscriptions.SaveAsync(Sample("a"), None);
        var failed = Attempt(3) with { Status = null, Error = "连接 refused\n", Changes = [] };
        await Subscriptions.AppendAttemptsAsync("a", [Attempt(1), Attempt(2)], None);
        await AnotherProcess().Subscriptions.AppendAttemptsAsync("a", [], None);
        await AnotherProcess().Subscriptions.AppendAttemptsAsync("a", [failed], None);

        Assert.That(await Subscriptions.ReadAttemptsAsync("a", None), Is.EqualTo(new[] { failed, Attempt(2), Attempt(1) }));
    }

    [Test]
    public async Task The_log_keeps_the_last_thousand()
    {
        await Subscriptions.SaveAsync(Sample("a"), None);
        for (var i = 0; i < 30; i++)
            await Subscriptions.AppendAttemptsAsync("a", [.. Enumerable.Range(i * 100, 100).Select(Attempt)], None);

        var kept = await Subscriptions.ReadAttemptsAsync("a", None);

        Assert.That(kept.Select(each => each.Attempt), Is.EqualTo(Enumerable.Range(2000, 1000).Reverse()));
    }

    private static Subscription Sample(string id, long version = 1) => new()
    {
        Id = id,
        Version = version,
        Terms = new() { Address = "http://127.0.0.1:9" },
        Secrets = [SigningSecret.Of(new byte[32])],
        CreatedAt = At(0),
        State = SubscriptionState.Active,
        StateSince = At(0),
        Position = 0,
        Run = 1,
    };

    private static DeliveryAttempt Attempt(int number) => new()
    {
        At = At(number),
        MessageId = $"chg_{number}",
        Changes = [$"ann:tag:{number}", "王小明:tag:1"],
        Position = number,
        Attempt = number,
        Status = 204,
        DurationMilliseconds = 12,
    };
}
