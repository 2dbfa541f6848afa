using System.Text.Json;
using TaggingPipeline.Pipeline.Specs.Processes;

namespace TaggingPipeline.Pipeline.Specs.Webhooks;

/// <summary>The subscriber is there, and refuses some of what it is sent.</summary>
public sealed class WhenSomeChangesAreRefused
{
    [Test]
    public async Task What_is_not_asked_for_any_more_does_not_count_as_failing()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var shop = await SubscribedShop.StartAsync();
        receiver.Answer = (_, _) => Task.FromResult(400);
        await shop.SubscribeAsync(receiver);
        await shop.TellAsync("bad", "tier", "low");
        await shop.ShownAsync("it says that something fails", shown => shown.GetProperty("failingSince").ValueKind == JsonValueKind.String);

        await shop.DoAsync(HttpMethod.Put, "/api/subscriptions/s", new { address = receiver.Url, filter = new { segment = new[] { "vips" } } });
        await shop.CaughtUpAsync();
        await Task.Delay(TimeSpan.FromSeconds(3));

        Assert.That((await shop.ShowAsync()).GetProperty("failingSince").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task One_change_that_is_refused_holds_up_only_its_customer_in_batches_too()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var shop = await SubscribedShop.StartAsync();
        receiver.Answer = (_, received) => Task.FromResult(received.ChangeIds.Any(id => id.StartsWith("bad:", StringComparison.Ordinal)) ? 400 : 200);
        await shop.TellAsync([("bad", "tier", "low"), .. Enumerable.Range(0, 9).Select(i => ($"c{i}", "tier", (object?)"low"))]);
        await shop.SubscribeAsync(new { id = "s", address = receiver.Url, start = "first", batchSize = 10 });
        await receiver.AnsweredAsync(30);

        Assert.That(receiver.Taken.SelectMany(each => each.ChangeIds).Distinct().Count(), Is.EqualTo(9));
    }

    [Test]
    public async Task Of_one_customer_what_comes_before_a_refused_change_is_delivered_and_the_rest_waits_in_order()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var shop = await SubscribedShop.StartAsync();
        var refuses = true;
        receiver.Answer = (_, received) => Task.FromResult(Volatile.Read(ref refuses) && received.ChangeIds.Contains("ann:tag:6") ? 422 : 200);
        for (var i = 1; i <= 10; i++)
            await shop.TellAsync("ann", "spent", i);
        await shop.SubscribeAsync(new { id = "s", address = receiver.Url, start = "first", batchSize = 10 });
        await shop.ShownAsync("all before it are delivered", shown => shown.GetProperty("position").GetString() == "5");
        Volatile.Write(ref refuses, false);
        await shop.CaughtUpAsync();

        Assert.That(receiver.Taken.SelectMany(each => each.ChangeIds), Is.EqualTo(Enumerable.Range(1, 10).Select(i => $"ann:tag:{i}")));
    }

    [Test]
    public async Task No_more_than_the_window_comes_again_after_a_stop()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var shop = await SubscribedShop.StartAsync(SubscribedShop.Quick with { Window = 20 });
        var refuses = true;
        receiver.Answer = (_, received) => Task.FromResult(Volatile.Read(ref refuses) && received.ChangeIds.Single().StartsWith("bad:", StringComparison.Ordinal) ? 400 : 200);
        await shop.SubscribeAsync(receiver);
        await shop.TellAsync("bad", "tier", "low");
        for (var i = 0; i < 20; i++)
            await shop.TellAsync([.. Enumerable.Range(0, 10).Select(customer => ($"c{customer}", "spent", (object?)i))]);
        await receiver.TakenAsync(200);

        await shop.DoAsync(HttpMethod.Post, "/api/subscriptions/s/rotate"); // as a crash, a pause, a lease that moves
        Volatile.Write(ref refuses, false);
        await shop.CaughtUpAsync();

        Assert.That(receiver.Taken.Count - 201, Is.LessThanOrEqualTo(20), "deliveries that came twice");
    }

    [Test]
    public async Task Another_filter_holds_for_what_was_passed_over_behind_the_position_too()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var shop = await SubscribedShop.StartAsync();
        receiver.Answer = (_, received) => Task.FromResult(received.ChangeIds.Single().StartsWith("bad:", StringComparison.Ordinal) ? 400 : 200);
        await shop.SubscribeAsync(new { id = "s", address = receiver.Url, start = "first", filter = new { type = new[] { "tag.added" } } });
        await shop.TellAsync(("bad", "tier", "low"), ("ann", "tier", "low"));
        await shop.TellAsync("ann", "tier", "high");
        await receiver.TakenAsync(1);

        await shop.DoAsync(HttpMethod.Put, "/api/subscriptions/s", new { address = receiver.Url });

        await Eventually.HoldsAsync("the change that is asked for now is taken", TimeSpan.FromSeconds(30), () => Task.FromResult(receiver.Taken.Any(each => each.ChangeIds.Contains("ann:tag:2"))));
    }
}
