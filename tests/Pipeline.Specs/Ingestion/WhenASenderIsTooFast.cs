using System.Net;

namespace TaggingPipeline.Pipeline.Specs.Ingestion;

public sealed class WhenASenderIsTooFast : IngestionSpecs
{
    private const string Single = """{"userId": "ann", "event": "E"}""";

    private protected override Task<IngestionHost> StartHostAsync() => IngestionHost.StartAsync(eventsPerSecond: 10);

    [Test]
    public async Task It_is_told_when_to_come_again()
    {
        await Host.TrackAsync("/v1/batch", BatchOf(35));

        var answer = await Host.TrackAsync("/v1/track", Single);

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.TooManyRequests));
        Assert.That(answer.Headers.GetValues("Retry-After"), Is.EqualTo(new[] { "3" }));
        Assert.That(answer.Headers.GetValues("X-RateLimit-Reset"), Is.EqualTo(new[] { "3" }));
        Assert.That(answer.Json.GetProperty("success").GetBoolean(), Is.False);
        Assert.That(Sender.Events, Has.Count.EqualTo(35));
    }

    [Test]
    public async Task It_may_come_when_it_was_told()
    {
        await Host.TrackAsync("/v1/batch", BatchOf(35));
        Host.Clock.Advance(TimeSpan.FromSeconds(3));

        Assert.That((await Host.TrackAsync("/v1/track", Single)).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_second_gives_a_seconds_worth_and_no_more_is_saved()
    {
        Host.Clock.Advance(TimeSpan.FromHours(1));
        for (var i = 0; i < 10; i++)
            Assert.That((await Host.TrackAsync("/v1/track", Single)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await Host.TrackAsync("/v1/track", Single)).Status, Is.EqualTo(HttpStatusCode.TooManyRequests));

        Host.Clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.That((await Host.TrackAsync("/v1/track", Single)).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Bodies_that_cannot_be_used_count_too()
    {
        for (var i = 0; i < 10; i++)
            await Host.TrackAsync("/v1/track", "no JSON");

        Assert.That((await Host.TrackAsync("/v1/track", "no JSON")).Status, Is.EqualTo(HttpStatusCode.TooManyRequests));
    }

    [Test]
    public async Task Another_key_is_not_held_up()
    {
        await Host.TrackAsync("/v1/batch", BatchOf(100));
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/track") { Content = new StringContent(Single) };
        request.Headers.Authorization = IngestionHost.Basic("other-key:");

        Assert.That((await Host.SendAsync(request)).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    private static string BatchOf(int count) =>
        $$"""{"batch": [{{string.Join(',', Enumerable.Repeat("""{"type": "track", "userId": "ann", "event": "E"}""", count))}}]}""";
}
