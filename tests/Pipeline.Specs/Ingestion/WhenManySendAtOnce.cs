using System.Net;
using TaggingPipeline.Contracts;
using TaggingPipeline.Ingestion.Safekeeping;

namespace TaggingPipeline.Pipeline.Specs.Ingestion;

public sealed class WhenManySendAtOnce : IngestionSpecs
{
    private static readonly GroupLimits Limits = new();

    [Test]
    public async Task Alone_it_leaves_at_once()
    {
        for (var i = 0; i < 5; i++)
            await TrackAsync($"m{i}");

        Assert.That(Sender.Batches, Has.Count.EqualTo(5));
    }

    [Test]
    public async Task What_comes_while_a_message_is_on_its_way_shares_the_next()
    {
        var requests = await HoldMessageAsync();

        requests.AddRange(Enumerable.Range(0, 64).Select(i => TrackAsync($"together{i}")));
        await AreWaitingAsync(64);
        Sender.Release();

        Assert.That(await Task.WhenAll(requests), Is.All.Property("Status").EqualTo(HttpStatusCode.OK));
        Assert.That(Sender.Batches.Select(batch => batch.Events.Count).Order(), Is.EqualTo(new[] { 1, 64 }));
    }

    [Test]
    public async Task Messages_on_their_way_at_once_hold_no_customer_in_common()
    {
        Sender.Hold();
        var customers = Enumerable.Range(0, 64).Select(i => $"c{i}").ToList();
        var requests = customers.ConvertAll(customer => TrackAsync($"first of {customer}", customer));
        requests.AddRange(customers.Select(customer => TrackAsync($"second of {customer}", customer)));
        await IngestionHost.UntilAsync(() => Host.Clock.Timers == requests.Count + Limits.Lanes, "all have handed in their events");

        Assert.That(Sender.OnTheirWay, Has.Count.EqualTo(Limits.Lanes));
        Assert.That(Sender.OnTheirWay.SelectMany(batch => batch.Events.Select(each => each.CustomerId).Distinct()), Is.Unique);
        Sender.Release();
        await Task.WhenAll(requests);

        Assert.That(Sender.Events.Select(each => each.EventId), Is.Unique.And.Exactly(requests.Count).Items);
    }

    [Test]
    public async Task No_request_is_answered_before_its_events_are_safe()
    {
        var requests = await HoldMessageAsync();

        Assert.That(requests, Is.All.Property("IsCompleted").False);
        Sender.Release();

        Assert.That(await Task.WhenAll(requests), Is.All.Property("Status").EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Messages_stay_small_however_large_the_requests()
    {
        var events = Enumerable.Range(0, 30).Select(i =>
            $$$"""{"type": "track", "event": "E", "userId": "ann", "messageId": "m{{{i}}}", "properties": {"filler": "{{{new string('x', 16_000)}}}"}}""");

        await Host.TrackAsync("/v1/batch", $$"""{"batch": [{{string.Join(',', events)}}]}""");

        Assert.That(Sender.Events, Has.Count.EqualTo(30));
        Assert.That(Sender.Batches.Select(batch => batch.Events.Count), Is.EqualTo(new[] { 15, 15 }));
    }

    [Test]
    public async Task What_could_not_be_made_safe_is_never_called_a_success()
    {
        Sender.Failure = new InvalidOperationException("the broker is away");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => TrackAsync($"m{i}")));

        Assert.That(answers, Is.All.Property("Status").EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(answers.Select(answer => answer.Headers.GetValues("Retry-After").Single()), Is.All.EqualTo("1"));
        Assert.That(answers.Select(answer => answer.Json.GetProperty("success").GetBoolean()), Is.All.False);

        Sender.Failure = null;
        Assert.That((await TrackAsync("again")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase(QueueNames.Rejections)]
    [TestCase(QueueNames.Events)]
    public async Task Both_the_accepted_and_the_rejected_must_be_safe(string failingQueue)
    {
        Sender.Failure = new InvalidOperationException("this queue is away");
        Sender.FailingQueue = failingQueue;

        var answer = await Host.TrackAsync("/v1/batch", """{"batch": [{"type": "track", "event": "E", "userId": "ann"}, {"type": "track"}]}""");

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    [Test]
    public async Task A_refused_body_that_cannot_be_kept_is_to_be_sent_again()
    {
        Sender.Failure = new InvalidOperationException("the broker is away");

        Assert.That((await Host.TrackAsync("/v1/track", "no JSON")).Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    [Test]
    public async Task Nobody_waits_longer_than_SDKs_do()
    {
        var requests = await HoldMessageAsync();
        requests.Add(TrackAsync("waiting"));
        await AreWaitingAsync(1);

        Host.Clock.Advance(Limits.Patience);
        Assert.That(await Task.WhenAll(requests), Is.All.Property("Status").EqualTo(HttpStatusCode.ServiceUnavailable));

        Sender.Release();
        Assert.That((await TrackAsync("later")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(Sender.Events.Select(each => each.EventId), Does.Not.Contain("waiting"), "nobody waits for it");
    }

    [Test]
    public async Task What_was_taken_is_sent_before_the_host_stops()
    {
        var requests = await HoldMessageAsync();
        requests.Add(TrackAsync("waiting"));
        await AreWaitingAsync(1);

        var stopped = Host.StopAsync();
        Sender.Release();
        await stopped;

        Assert.That(await Task.WhenAll(requests), Is.All.Property("Status").EqualTo(HttpStatusCode.OK));
        Assert.That(Sender.Events.Select(each => each.EventId), Does.Contain("waiting"));
    }

    /// <summary>A request whose message is held.</summary>
    private async Task<List<Task<Answer>>> HoldMessageAsync()
    {
        Sender.Hold();
        var request = TrackAsync("alone");
        await IngestionHost.UntilAsync(() => Sender.Started == 1, "the message is on its way");
        await AreWaitingAsync(0);
        return [request];
    }

    /// <remarks>The message on its way has a timer, and each request that waits to be told has one.</remarks>
    private Task AreWaitingAsync(int requests) =>
        IngestionHost.UntilAsync(() => Host.Clock.Timers == requests + 2, $"{requests} requests have handed in their events");

    private Task<Answer> TrackAsync(string id, string customer = "ann") =>
        Host.TrackAsync("/v1/track", $$"""{"userId": "{{customer}}", "event": "E", "messageId": "{{id}}"}""");
}
