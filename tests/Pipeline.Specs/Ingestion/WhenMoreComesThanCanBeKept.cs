using System.Net;
using TaggingPipeline.Ingestion.Safekeeping;

namespace TaggingPipeline.Pipeline.Specs.Ingestion;

public sealed class WhenMoreComesThanCanBeKept : IngestionSpecs
{
    private const int PendingBytes = 1_000_000;

    private protected override Task<IngestionHost> StartHostAsync() => IngestionHost.StartAsync(limits: new GroupLimits { PendingBytes = PendingBytes });

    [TestCase("""{"userId": "ann", "event": "E", "properties": {"filler": "FILLER"}}""", TestName = "More_events_are_refused_until_there_is_room")]
    [TestCase("""{"event": "no person", "properties": {"filler": "FILLER"}}""", TestName = "A_flood_of_rejected_events_is_refused_until_there_is_room")]
    [TestCase("""no JSON FILLER""", TestName = "A_flood_of_what_is_not_JSON_is_refused_until_there_is_room")]
    public async Task More(string template)
    {
        var json = template.Replace("FILLER", new string('x', 30_000), StringComparison.Ordinal);
        Sender.Hold();
        var requests = Enumerable.Range(0, 100).Select(_ => Host.TrackAsync("/v1/track", json)).ToArray();

        // Each request that waits has a timer, and each message on its way has one.
        await IngestionHost.UntilAsync(
            () => requests.Count(each => each.IsCompleted) + Host.Clock.Timers - Sender.Started == requests.Length, "each request waits or is answered");
        var refused = requests.Where(each => each.IsCompleted).ToArray();
        Assert.That((requests.Length - refused.Length) * 30_000, Is.InRange(PendingBytes / 8, PendingBytes + 60_000));
        foreach (var answer in await Task.WhenAll(refused))
        {
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(answer.Headers.GetValues("Retry-After"), Is.EqualTo(new[] { "1" }));
        }

        Sender.Release();
        var status = (await Task.WhenAll(requests.Except(refused))).Select(answer => answer.Status).Distinct().Single();
        Assert.That(status, Is.Not.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That((await Host.TrackAsync("/v1/track", json)).Status, Is.EqualTo(status), "there is room again");
    }

    [Test]
    public async Task A_request_larger_than_the_room_passes_when_nothing_waits()
    {
        await using var host = await IngestionHost.StartAsync(limits: new GroupLimits { PendingBytes = 10 });

        Assert.That((await host.TrackAsync("/v1/track", """{"userId": "ann", "event": "E"}""")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await host.TrackAsync("/v1/track", """{"userId": "ann", "event": "E"}""")).Status, Is.EqualTo(HttpStatusCode.OK));
    }
}
