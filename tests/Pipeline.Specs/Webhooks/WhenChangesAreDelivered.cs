using System.Security.Cryptography;
using System.Text;
using TaggingPipeline.Processing.Subscriptions;

namespace TaggingPipeline.Pipeline.Specs.Webhooks;

public sealed class WhenChangesAreDelivered
{
    private SubscribedShop _shop = null!;
    private WebhookReceiver _receiver = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _shop = await SubscribedShop.StartAsync();
        _receiver = await WebhookReceiver.StartAsync();
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _shop.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Test]
    public async Task A_change_arrives_signed_as_it_stands_in_the_feed()
    {
        var secret = (await _shop.SubscribeAsync(_receiver)).GetProperty("secret").GetString()!;
        await _shop.TellAsync("王小明", "tier", "high");

        var received = (await _receiver.TakenAsync(1)).Single();

        Assert.That(received.ContentType, Is.EqualTo("application/cloudevents+json"));
        Assert.That(received.Text, Is.EqualTo((await _shop.Server.GetAsync("/api/changes")).GetProperty("items")[0].GetRawText()));
        Assert.That(received.Id, Does.Match("^msg_[0-9a-f]{32}$"));
        Assert.That(DateTimeOffset.FromUnixTimeSeconds(received.Timestamp), Is.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromMinutes(2)), "of the real clock");
        Assert.That(received.Signature, Is.EqualTo(Sign(secret, received)));
    }

    [Test]
    public async Task What_changed_before_is_not_delivered_unless_it_is_asked_for()
    {
        await _shop.TellAsync("ann", "tier", "low");
        await _shop.SubscribeAsync(new { id = "now", address = _receiver.Url });
        await _shop.TellAsync("ann", "tier", "high");

        Assert.That((await _receiver.TakenAsync(1)).SelectMany(each => each.ChangeIds), Is.EqualTo(new[] { "ann:tag:2" }));
        await _shop.SubscribeAsync(new { id = "first", address = _receiver.Url, start = "first" });
        await _receiver.TakenAsync(3);
        await _shop.SubscribeAsync(new { id = "position", address = _receiver.Url, start = "1" });
        Assert.That((await _receiver.TakenAsync(4)).SelectMany(each => each.ChangeIds), Is.EqualTo(new[] { "ann:tag:2", "ann:tag:1", "ann:tag:2", "ann:tag:2" }));
    }

    [Test]
    public async Task Only_what_fits_the_filter_is_delivered()
    {
        await _shop.SubscribeAsync(new { id = "s", address = _receiver.Url, filter = new { segment = new[] { "vips" }, type = new[] { "segment.entered", "segment.exited" } } });
        await _shop.TellAsync("ann", "tier", "high");
        await _shop.TellAsync("ann", "vip", true);
        await _shop.TellAsync("bob", "tier", "low");
        await _shop.TellAsync("ann", "vip", null);
        await _shop.CaughtUpAsync();

        var types = (await _receiver.TakenAsync(2)).Select(each => each.Json.GetProperty("type").GetString());

        Assert.That(types, Is.EqualTo(new[] { "segment.entered", "segment.exited" }));
    }

    [Test]
    public async Task Traits_that_are_asked_for_come_with_it()
    {
        await _shop.SubscribeAsync(new { id = "s", address = _receiver.Url, traits = new[] { "city", "age", "unknown" } });
        await _shop.TellTraitAsync("ann", "city", "上海");
        await _shop.TellTraitAsync("ann", "age", 44.5);
        await _shop.TellTraitAsync("ann", "secret", "not asked for");
        await _shop.TellAsync("ann", "tier", "high");

        var data = (await _receiver.TakenAsync(1)).Single().Json.GetProperty("data");

        Assert.That(data.GetProperty("traits").GetRawText(), Is.EqualTo("""{"city":"上海","age":44.5}"""));
        Assert.That(data.GetProperty("value").GetString(), Is.EqualTo("high"));
    }

    [Test]
    public async Task They_may_come_in_the_shape_of_segment()
    {
        await _shop.SubscribeAsync(new { id = "s", address = _receiver.Url, shape = "segment", concurrency = 1 });
        await _shop.TellAsync("ann", "vip", true);
        await _shop.TellAsync("ann", "vip", null);

        var calls = (await _receiver.TakenAsync(4)).Select(each => each.Json).ToList();

        Assert.That(_receiver.All.Select(each => each.ContentType), Is.All.EqualTo("application/json"));
        Assert.That(calls.Select(call => call.GetProperty("type").GetString()), Is.EqualTo(new[] { "identify", "track", "identify", "track" }));
        Assert.That(calls[0].GetProperty("traits").GetRawText(), Is.EqualTo("""{"vip":true}"""));
        Assert.That(calls[2].GetProperty("traits").GetRawText(), Is.EqualTo("""{"vip":null}"""));
        Assert.That(calls[1].GetProperty("event").GetString(), Is.EqualTo("Audience Entered"));
        Assert.That(calls[1].GetProperty("properties").GetRawText(), Is.EqualTo("""{"audience_key":"vips","vips":true}"""));
        Assert.That(calls[3].GetProperty("event").GetString(), Is.EqualTo("Audience Exited"));
        Assert.That(calls[3].GetProperty("properties").GetRawText(), Is.EqualTo("""{"audience_key":"vips","vips":false}"""));
        Assert.That(calls.Select(call => call.GetProperty("messageId").GetString()), Is.EqualTo(new[] { "ann:tag:1", "ann:segment:1", "ann:tag:2", "ann:segment:2" }));
    }

    [Test]
    public async Task Batches_are_signed_as_a_whole_and_hold_no_more_than_was_asked_for()
    {
        var secret = (await _shop.SubscribeAsync(new { id = "s", address = _receiver.Url, batchSize = 10, concurrency = 2 })).GetProperty("secret").GetString()!;
        await _shop.TellAsync([.. Enumerable.Range(0, 60).Select(i => ($"c{i % 7}", "spent", (object?)i))]);
        await _shop.CaughtUpAsync();

        var batches = _receiver.Taken;

        Assert.That(batches.Select(batch => batch.ContentType), Is.All.EqualTo("application/cloudevents-batch+json"));
        Assert.That(batches.Select(batch => batch.Changes.Count()), Is.All.InRange(1, 10).And.Some.EqualTo(10));
        Assert.That(batches.Select(batch => batch.Signature), Is.EqualTo(batches.Select(batch => Sign(secret, batch))));
        Assert.That(batches.Select(batch => batch.Id), Is.Unique);
        DeliveredChanges.AssertOrdered(batches, 60);
    }

    [Test]
    public async Task A_customers_changes_come_one_after_another_and_those_of_others_meanwhile()
    {
        const int Seed = 20260501;
        TestContext.Out.WriteLine($"Seed {Seed}");
        var (random, gate, underWay, most) = (new Random(Seed), new Lock(), new List<string>(), 0);
        _receiver.Answer = async (_, received) =>
        {
            var customer = received.Json.GetProperty("subject").GetString()!;
            int pause;
            lock (gate)
            {
                Assert.That(underWay, Does.Not.Contain(customer), "two of one customer at once");
                underWay.Add(customer);
                most = Math.Max(most, underWay.Count);
                pause = random.Next(15);
            }

            await Task.Delay(pause);
            lock (gate)
                underWay.Remove(customer);
            return 200;
        };
        await _shop.SubscribeAsync(new { id = "s", address = _receiver.Url, concurrency = 6 });
        for (var round = 0; round < 10; round++)
            await _shop.TellAsync([.. Enumerable.Range(0, 30).Select(i => ($"c{random.Next(12)}", "spent", (object?)((round * 100) + i)))]);
        await _shop.CaughtUpAsync();

        DeliveredChanges.AssertOrdered(_receiver.Taken, 300);
        Assert.That(most, Is.InRange(2, 6));
    }

    [Test]
    public async Task More_than_fits_into_the_window_arrives_all_the_same()
    {
        await using var small = await SubscribedShop.StartAsync(SubscribedShop.Quick with { Window = 20 });
        await small.SubscribeAsync(_receiver);
        await small.TellAsync([.. Enumerable.Range(0, 400).Select(i => ($"c{i % 9}", "spent", (object?)i))]);
        await small.CaughtUpAsync();

        DeliveredChanges.AssertOrdered(_receiver.Taken, 400);
    }

    private static string Sign(string secret, Received received)
    {
        var signed = Encoding.UTF8.GetBytes($"{received.Id}.{received.Timestamp}.").Concat(received.Body).ToArray();
        return $"v1,{Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret[SigningSecret.Prefix.Length..]), signed))}";
    }
}
