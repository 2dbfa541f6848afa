using TaggingPipeline.Processing.Intake;

namespace TaggingPipeline.Pipeline.Specs.Ingestion;

/// <summary>The server's clock stands at 2026-03-01T12:00:00Z.</summary>
public sealed class WhenClocksDisagree : IngestionSpecs
{
    [TestCase(null, null, "2026-03-01T12:00:00Z", false, TestName = "Without_timestamp_it_happened_when_received")]
    [TestCase(null, "2026-03-01T15:00:00Z", "2026-03-01T12:00:00Z", false, TestName = "SentAt_alone_says_nothing")]
    [TestCase("2026-03-01T11:00:00Z", null, "2026-03-01T11:00:00Z", false, TestName = "Without_sentAt_the_timestamp_stands")]
    [TestCase("2026-03-01T14:59:30Z", "2026-03-01T15:00:00Z", "2026-03-01T11:59:30Z", false, TestName = "A_clock_ahead_is_corrected")]
    [TestCase("2026-02-01T09:59:30Z", "2026-02-01T10:00:00Z", "2026-03-01T11:59:30Z", false, TestName = "A_clock_behind_is_corrected")]
    [TestCase("2026-03-01T12:00:00.001Z", null, "2026-03-01T12:00:00Z", true, TestName = "The_future_is_flagged")]
    [TestCase("2026-03-01T15:00:01Z", "2026-03-01T15:00:00Z", "2026-03-01T12:00:00Z", true, TestName = "Later_than_sent_is_flagged")]
    [TestCase("2026-03-01T12:00:00Z", null, "2026-03-01T12:00:00Z", false, TestName = "Exactly_now_is_not_the_future")]
    [TestCase("2199-12-31T00:00:00Z", "1900-01-01T00:00:00Z", "2026-03-01T12:00:00Z", true, TestName = "The_greatest_difference_overflows_nothing")]
    [TestCase("2026-03-01T12:30:00.1239999+01:00", null, "2026-03-01T11:30:00.123Z", false, TestName = "Finer_than_milliseconds_is_cut")]
    public async Task It_happened(string? timestamp, string? sentAt, string occurredAt, bool fromFuture)
    {
        var tracked = await AcceptedAsync("/v1/track", $$"""{"userId": "ann", "event": "E", "timestamp": {{Json(timestamp)}}, "sentAt": {{Json(sentAt)}}}""");

        Assert.That(tracked.OccurredAt, Is.EqualTo(IngestionHost.At(occurredAt)));
        Assert.That(tracked.FromFuture, Is.EqualTo(fromFuture));
        Assert.That(tracked.Timestamp is null, Is.EqualTo(timestamp is null));
        Assert.That(tracked.SentAt is null, Is.EqualTo(sentAt is null));
        Assert.That(tracked.ReceivedAt, Is.EqualTo(IngestionHost.Start));
    }

    [Test]
    public async Task All_instants_are_whole_milliseconds()
    {
        Host.Clock.Advance(TimeSpan.FromTicks(12_345));

        var tracked = await AcceptedAsync("/v1/track", """{"userId": "ann", "event": "E"}""");

        Assert.That(tracked.ReceivedAt, Is.EqualTo(IngestionHost.Start.AddMilliseconds(1)));
        Assert.That(tracked.OccurredAt, Is.EqualTo(tracked.ReceivedAt));
    }

    [TestCase("2026-03-01T14:59:30Z", "2199-01-01T00:00:00Z", "bad-instant", TestName = "Corrected_to_before_1900_is_absurd")]
    [TestCase("9999-12-31T23:59:59Z", null, "bad-timestamp", TestName = "The_year_9999_is_absurd")]
    [TestCase("0001-01-01T00:00:00Z", null, "bad-timestamp", TestName = "The_year_1_is_absurd")]
    [TestCase("2026-03-01T12:00:00Z", "0001-01-01T00:00:00Z", "bad-timestamp", TestName = "An_absurd_sentAt_is_not_reckoned_with")]
    [TestCase("yesterday", null, "bad-timestamp", TestName = "A_timestamp_must_be_readable")]
    [TestCase("", null, "bad-timestamp", TestName = "An_empty_timestamp_is_not_readable")]
    public async Task It_is_rejected(string timestamp, string? sentAt, string code)
    {
        var answer = await Host.TrackAsync("/v1/track", $$"""{"userId": "ann", "event": "E", "timestamp": {{Json(timestamp)}}, "sentAt": {{Json(sentAt)}}}""");

        Assert.That(answer.Outcomes, Is.EqualTo(new[] { code }));
    }

    [TestCase("2026-03-01T10:20:30.456Z", "2026-03-01T10:20:30.456Z")]
    [TestCase("2026-03-01T10:20:30Z", "2026-03-01T10:20:30Z")]
    [TestCase("2026-03-01t10:20:30z", "2026-03-01T10:20:30Z")]
    [TestCase("2026-03-01T10:20:30.4Z", "2026-03-01T10:20:30.4Z")]
    [TestCase("2026-03-01T10:20:30,456Z", "2026-03-01T10:20:30.456Z")]
    [TestCase("2026-03-01T10:20:30.123456789Z", "2026-03-01T10:20:30.123Z")]
    [TestCase("2026-03-01T10:20:30+02:00", "2026-03-01T08:20:30Z")]
    [TestCase("2026-03-01T10:20:30-0530", "2026-03-01T15:50:30Z")]
    [TestCase("2026-03-01T10:20:30+02", "2026-03-01T08:20:30Z")]
    [TestCase("2026-03-01T10:20:30", "2026-03-01T10:20:30Z")]
    [TestCase("2026-03-01 10:20:30", "2026-03-01T10:20:30Z")]
    [TestCase("2026-03-01T10:20", "2026-03-01T10:20:00Z")]
    [TestCase("2026-03-01T10:20Z", "2026-03-01T10:20:00Z")]
    [TestCase("2026-03-01", "2026-03-01T00:00:00Z")]
    [TestCase("2024-02-29", "2024-02-29T00:00:00Z")]
    public void The_usual_forms_are_read(string text, string instant)
    {
        Assert.That(IsoInstant.TryParse(text, out var read), Is.True);
        Assert.That(read, Is.EqualTo(IngestionHost.At(instant)));
        Assert.That(read.Offset, Is.EqualTo(TimeSpan.Zero));
    }

    [TestCase("")]
    [TestCase("2026")]
    [TestCase("2026-3-1")]
    [TestCase("2026-02-29")]
    [TestCase("2026-13-01")]
    [TestCase("2026-00-01")]
    [TestCase("0000-01-01")]
    [TestCase("2026-03-01T")]
    [TestCase("2026-03-01T25:00:00Z")]
    [TestCase("2026-03-01T10:60:00Z")]
    [TestCase("2026-03-01T10:20:61Z")]
    [TestCase("2026-03-01T10:20:30.Z")]
    [TestCase("2026-03-01T10:20:30Zz")]
    [TestCase("2026-03-01T10:20:30+")]
    [TestCase("2026-03-01T10:20:30+2")]
    [TestCase("2026-03-01T10:20:30+99:00")]
    [TestCase("2026-03-01T10:20:30+02:00x")]
    [TestCase("2026-03-01Z")]
    [TestCase("01/03/2026")]
    [TestCase("1767225600000")]
    [TestCase("+010000-01-01T00:00:00Z")]
    [TestCase("0001-01-01T00:00:00+02:00")]
    [TestCase("9999-12-31T23:59:59-02:00")]
    [TestCase("２026-03-01")]
    public void Anything_else_is_not(string text) => Assert.That(IsoInstant.TryParse(text, out _), Is.False);

    private static string Json(string? text) => text is null ? "null" : $"\"{text}\"";
}
