using Microsoft.AspNetCore.Http;
using NodaTime;
using TaggingPipeline.Pipeline.Specs.Ingestion;
using TaggingPipeline.Pipeline.Specs.Processes;
using TaggingPipeline.Projection.Webhooks;

namespace TaggingPipeline.Pipeline.Specs.Webhooks;

public sealed class WhenASubscriberFails
{
    private WebhookReceiver _receiver = null!;

    [SetUp]
    public async Task StartAsync() => _receiver = await WebhookReceiver.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _receiver.DisposeAsync();

    [TestCase(500)]
    [TestCase(404)]
    [TestCase(302)]
    [TestCase(429)]
    public async Task It_is_tried_again_with_the_same_id_and_body_and_a_new_time(int status)
    {
        await using var shop = await SubscribedShop.StartAsync();
        _receiver.Answer = (context, _) =>
        {
            context.Response.Headers.Location = "/elsewhere";
            return Task.FromResult(_receiver.All.Count < 4 ? status : 200);
        };
        await shop.SubscribeAsync(_receiver);
        await shop.TellAsync("ann", "tier", "high");
        await shop.TellAsync("ann", "tier", "low");
        await shop.CaughtUpAsync();

        Assert.That(_receiver.All.Select(each => (each.ChangeIds.Single(), each.Status)), Is.EqualTo(new[]
        {
            ("ann:tag:1", status), ("ann:tag:1", status), ("ann:tag:1", status), ("ann:tag:1", status), ("ann:tag:1", 200), ("ann:tag:2", 200),
        }));
        Assert.That(_receiver.All.Take(5).Select(each => (each.Id, each.Text)).Distinct().Count(), Is.EqualTo(1));
        Assert.That((await shop.ShowAsync()).GetProperty("failingSince").ValueKind, Is.EqualTo(System.Text.Json.JsonValueKind.Null));
    }

    [Test]
    public async Task One_customer_whose_changes_are_refused_holds_up_nobody_else()
    {
        await using var shop = await SubscribedShop.StartAsync();
        var refuses = true;
        _receiver.Answer = (_, received) => Task.FromResult(Volatile.Read(ref refuses) && received.ChangeIds.Single().StartsWith("bad:", StringComparison.Ordinal) ? 400 : 200);
        await shop.SubscribeAsync(_receiver);
        await shop.TellAsync(("bad", "tier", "low"), ("bad", "tier", "high"));
        for (var i = 0; i < 10; i++)
            await shop.TellAsync([.. Enumerable.Range(0, 10).Select(customer => ($"c{customer}", "spent", (object?)i))]);

        await _receiver.TakenAsync(100);
        var stuck = await shop.ShownAsync("it says that something fails", shown => shown.GetProperty("failingSince").ValueKind == System.Text.Json.JsonValueKind.String);
        Assert.That(stuck.GetProperty("position").GetString(), Is.EqualTo("0"), "the position stays before what is not delivered");
        Volatile.Write(ref refuses, false);
        await shop.CaughtUpAsync();

        DeliveredChanges.AssertOrdered(_receiver.Taken, 102);
        Assert.That(_receiver.Taken.Select(each => each.Id), Is.Unique, "what was taken is not sent again");
    }

    [Test]
    public async Task Only_one_request_at_a_time_asks_whether_it_is_back_when_everything_fails()
    {
        await using var shop = await SubscribedShop.StartAsync();
        var (underWay, most, up) = (0, 0, false);
        _receiver.Answer = async (_, _) =>
        {
            var now = Interlocked.Increment(ref underWay);
            if (_receiver.All.Count > 20)
                most = Math.Max(most, now);
            await Task.Delay(5);
            Interlocked.Decrement(ref underWay);
            return Volatile.Read(ref up) ? 200 : 503;
        };
        await shop.SubscribeAsync(_receiver);
        await shop.TellAsync([.. Enumerable.Range(0, 200).Select(i => ($"c{i}", "spent", (object?)i))]);
        await _receiver.AnsweredAsync(60);

        Assert.That(most, Is.EqualTo(1));
        Volatile.Write(ref up, true);
        await shop.CaughtUpAsync();
        DeliveredChanges.AssertOrdered(_receiver.Taken, 200);
    }

    [Test]
    public async Task An_answer_that_does_not_come_in_time_is_a_failure()
    {
        await using var shop = await SubscribedShop.StartAsync();
        var hung = 0;
        _receiver.Answer = async (context, _) =>
        {
            if (Interlocked.Increment(ref hung) == 1)
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return 200;
        };
        await shop.SubscribeAsync(new { id = "s", address = _receiver.Url, timeoutSeconds = 1 });
        await shop.TellAsync("ann", "tier", "high");
        await shop.CaughtUpAsync();

        var attempts = await AttemptsAsync(shop, 2);
        Assert.That(attempts, Is.EqualTo(new[] { ("", true), ("no answer within 1 s", false) }));
    }

    [TestCase(200, "")]
    [TestCase(500, "answered 500")]
    public async Task The_status_counts_whatever_becomes_of_the_rest_of_the_answer(int status, string error)
    {
        await using var shop = await SubscribedShop.StartAsync();
        var answered = 0;
        _receiver.Answer = async (context, _) =>
        {
            if (Interlocked.Increment(ref answered) > 1)
                return 200;
            context.Response.StatusCode = status;
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return 0;
        };
        await shop.SubscribeAsync(_receiver);
        await shop.TellAsync("ann", "tier", "low");
        await shop.CaughtUpAsync();

        var attempts = await AttemptsAsync(shop, status == 200 ? 1 : 2);
        Assert.That(attempts[^1], Is.EqualTo((error, status == 200)));
    }

    [Test]
    public async Task Gone_disables_it_until_it_is_resumed()
    {
        await using var shop = await SubscribedShop.StartAsync();
        _receiver.Answer = (_, _) => Task.FromResult(StatusCodes.Status410Gone);
        await shop.SubscribeAsync(_receiver);
        await shop.TellAsync("ann", "tier", "high");

        var disabled = await shop.InStateAsync("disabled");
        Assert.That(disabled.GetProperty("reason").GetString(), Does.Contain("410"));
        await shop.TellAsync("ann", "tier", "low");
        Assert.That(_receiver.All, Has.Count.EqualTo(1));

        _receiver.Answer = (_, _) => Task.FromResult(200);
        var resumed = await shop.DoAsync(HttpMethod.Post, "/api/subscriptions/s/resume");
        Assert.That((resumed.GetProperty("state").GetString(), resumed.GetProperty("reason").GetString()), Is.EqualTo(("active", (string?)null)));
        await shop.CaughtUpAsync();
        DeliveredChanges.AssertOrdered(_receiver.Taken, 2);
    }

    [Test]
    public async Task What_fails_for_a_day_is_parked_with_its_reason_and_goes_on_where_it_stopped()
    {
        var clock = new ManualClock(DateTimeOffset.UtcNow);
        await using var shop = await SubscribedShop.StartAsync(Steady(clock));
        _receiver.Answer = (_, _) => Task.FromResult(500);
        await shop.SubscribeAsync(_receiver);
        await shop.TellAsync("ann", "tier", "high");
        await _receiver.AnsweredAsync(1);

        var pauses = new List<TimeSpan>();
        for (var waited = TimeSpan.Zero; waited < TimeSpan.FromHours(24); waited += pauses[^1])
        {
            // An answer that has not come to its end when the clock is advanced would be one of a later time.
            var answered = _receiver.All.Count;
            await AttemptsAsync(shop, answered);
            Assert.That((await shop.ShowAsync()).GetProperty("state").GetString(), Is.EqualTo("active"), $"after {waited}");
            pauses.Add(TimeSpan.FromMinutes(90));
            clock.Advance(pauses[^1]);
            await _receiver.AnsweredAsync(answered + 1);
        }

        var parked = await shop.InStateAsync("parked");
        Assert.That(parked.GetProperty("reason").GetString(), Does.Contain("answered 500"));
        _receiver.Answer = (_, _) => Task.FromResult(200);
        await shop.DoAsync(HttpMethod.Post, "/api/subscriptions/s/resume");
        await shop.CaughtUpAsync();
        Assert.That(_receiver.Taken.Single().ChangeIds, Is.EqualTo(new[] { "ann:tag:1" }));
    }

    [TestCase("120")]
    [TestCase("date")]
    [TestCase("99999999999999999999")]
    public async Task It_is_left_alone_for_as_long_as_it_asks(string asks)
    {
        var clock = new ManualClock(DateTimeOffset.UtcNow);
        await using var shop = await SubscribedShop.StartAsync(Steady(clock));
        _receiver.Answer = (context, _) =>
        {
            context.Response.Headers.RetryAfter = asks == "date" ? clock.GetUtcNow().AddSeconds(120).ToString("R") : asks;
            return Task.FromResult(_receiver.All.Count == 0 ? 429 : 200);
        };
        await shop.SubscribeAsync(_receiver);
        await shop.TellAsync("ann", "tier", "high");
        await _receiver.AnsweredAsync(1);
        await shop.TellAsync("bob", "tier", "high");

        // Its own first pause is a second.
        await shop.ShownAsync("the failure is stored", shown => shown.GetProperty("failingSince").ValueKind == System.Text.Json.JsonValueKind.String);
        clock.Advance(TimeSpan.FromSeconds(110));
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.That(_receiver.All, Has.Count.EqualTo(1));
        clock.Advance(asks.Length > 5 ? TimeSpan.FromHours(1) : TimeSpan.FromSeconds(11)); // an hour at most
        await _receiver.TakenAsync(2);
    }

    [Test]
    public void A_failure_that_asks_for_nothing_does_not_cut_short_what_another_asked_for()
    {
        var health = new EndpointHealth(new() { Chance = () => 0 });
        var now = Instant.FromUtc(2024, 1, 1, 0, 0);
        Delivery Of(long position) => new([new(position, $"{position}", $"c{position}", "tag.added", "k", ReadOnlyMemory<byte>.Empty)]);

        health.Failed(Of(1), now, stillUnderWay: 2, Duration.FromMinutes(30));
        health.Failed(Of(2), now, stillUnderWay: 1, null);
        health.Failed(Of(3), now, stillUnderWay: 0, null);

        Assert.That(health.OpensAt, Is.EqualTo(now + Duration.FromMinutes(30)));
    }

    [TestCase(1, 1.0)]
    [TestCase(2, 2.0)]
    [TestCase(5, 16.0)]
    [TestCase(11, 900.0)]
    [TestCase(1000, 900.0)]
    public void Pauses_double_up_to_a_bound_with_chance_in_them(int failures, double bound)
    {
        Assert.That(Pauses.After(failures, new() { Chance = () => 0 }).TotalSeconds, Is.EqualTo(bound / 10).Within(1e-6));
        Assert.That(Pauses.After(failures, new() { Chance = () => 0.999999999 }).TotalSeconds, Is.EqualTo(bound).Within(1e-3));
    }

    /// <summary>With the usual pauses, which a clock has to be advanced for.</summary>
    private static WebhookOptions Steady(ManualClock clock) => new() { Clock = clock, Tick = TimeSpan.FromMilliseconds(20), Chance = () => 0.5 };

    private static async Task<List<(string Error, bool Delivered)>> AttemptsAsync(SubscribedShop shop, int count)
    {
        List<(string, bool)> attempts = [];
        await Eventually.HoldsAsync($"{count} attempts are logged", TimeSpan.FromSeconds(30), async () =>
        {
            var items = (await shop.Server.GetAsync("/api/subscriptions/s/deliveries")).GetProperty("items").EnumerateArray();
            attempts = [.. items.Select(item => (item.GetProperty("error").GetString() ?? "", item.GetProperty("delivered").GetBoolean()))];
            return attempts.Count == count;
        });
        return attempts;
    }
}
