using System.Net;
using TaggingPipeline.Processing.Intake;

namespace TaggingPipeline.Pipeline.Specs.Ingestion;

public sealed class WhenABatchIsSent : IngestionSpecs
{
    [Test]
    public async Task What_it_says_once_applies_to_events_that_dont_say_it()
    {
        await Host.TrackAsync("/v1/batch", """
            {"sentAt": "2026-03-01T13:00:00Z", "context": {"from": "batch"}, "integrations": {"from": "batch"}, "batch": [
              {"type": "track", "event": "A", "userId": "ann", "timestamp": "2026-03-01T12:59:00Z"},
              {"type": "track", "event": "B", "userId": "ann", "timestamp": "2026-03-01T11:58:00Z", "sentAt": "2026-03-01T12:00:00Z",
               "context": {"from": "event"}, "integrations": {"from": "event"}}]}
            """);

        var (first, second) = (Sender.Events[0], Sender.Events[1]);
        Assert.That(first.OccurredAt, Is.EqualTo(IngestionHost.At("2026-03-01T11:59:00Z")));
        Assert.That(first.Context!.Value.GetProperty("from").GetString(), Is.EqualTo("batch"));
        Assert.That(first.Integrations!.Value.GetProperty("from").GetString(), Is.EqualTo("batch"));
        Assert.That(second.OccurredAt, Is.EqualTo(IngestionHost.At("2026-03-01T11:58:00Z")));
        Assert.That(second.Context!.Value.GetProperty("from").GetString(), Is.EqualTo("event"));
        Assert.That(second.Integrations!.Value.GetProperty("from").GetString(), Is.EqualTo("event"));
    }

    [TestCase(""" "context": [1] """, "wrong-type")]
    [TestCase(""" "context": {"a": "\ud800"} """, "bad-text")]
    [TestCase(""" "sentAt": "yesterday" """, "bad-timestamp")]
    [TestCase(""" "sentAt": 7 """, "wrong-type")]
    [TestCase(""" "integrations": 7 """, "wrong-type")]
    public async Task A_default_that_cannot_be_used_spoils_only_the_events_that_need_it(string shared, string code)
    {
        var answer = await Host.TrackAsync("/v1/batch", $$"""
            { {{shared}}, "batch": [{"type": "track", "event": "A", "userId": "ann"},
              {"type": "track", "event": "B", "userId": "ann", "context": {}, "integrations": {}, "sentAt": "2026-03-01T12:00:00Z"}]}
            """);

        Assert.That(answer.Outcomes, Is.EqualTo(new[] { code, "accepted" }));
    }

    [Test]
    public async Task A_shared_context_of_more_than_an_event_may_have_is_not_copied_into_each()
    {
        var answer = await Host.TrackAsync("/v1/batch", $$"""
            {"context": {"a": "{{new string('x', 33_000)}}"}, "batch": [{"type": "track", "event": "A", "userId": "ann"}]}
            """);

        Assert.That(answer.Outcomes, Is.EqualTo(new[] { "too-large" }));
    }

    [Test]
    public async Task What_became_of_each_is_told_in_their_order()
    {
        var answer = await Host.TrackAsync("/v1/batch", """
            {"batch": [{"type": "track", "event": "A", "userId": "zoe", "messageId": "1"}, {"type": "track", "userId": "ann", "messageId": "2"},
                       {"type": "track", "event": "C", "userId": "ann", "messageId": "3"}]}
            """);

        Assert.That(answer.Text, Is.EqualTo(
            """{"success":true,"results":[{"messageId":"1","status":"accepted"},"""
            + """{"messageId":"2","status":"rejected","code":"missing-field","reason":"event: must be given"},{"messageId":"3","status":"accepted"}]}"""));
    }

    [Test]
    public async Task Events_of_a_customer_travel_side_by_side_in_their_order()
    {
        var events = Enumerable.Range(0, 30).Select(i => $$"""{"type": "track", "event": "E", "userId": "c{{i % 3}}", "messageId": "{{i:00}}"}""");

        await Host.TrackAsync("/v1/batch", $$"""{"batch": [{{string.Join(',', events)}}]}""");

        var together = Sender.Batches.Select(batch => batch.Events.Select(each => (each.CustomerId, each.EventId)).ToArray()).ToArray();
        Assert.That(together, Is.All.Ordered);
        Assert.That(together.SelectMany(batch => batch.Select(each => each.CustomerId).Distinct()), Is.EquivalentTo(new[] { "c0", "c1", "c2" }));
        Assert.That(Sender.Events, Has.Count.EqualTo(30));
    }

    [Test]
    public async Task An_empty_one_is_fine()
    {
        var answer = await Host.TrackAsync("/v1/batch", """{"batch": []}""");

        Assert.That((answer.Status, Sender.Started), Is.EqualTo((HttpStatusCode.OK, 0)));
    }

    [Test]
    public async Task Of_2500_events_all_are_accepted_in_messages_of_at_most_500()
    {
        var answer = await Host.TrackAsync("/v1/batch", BatchOf(TrackingBody.MaxEvents));

        Assert.That(answer.Outcomes, Has.Length.EqualTo(2_500).And.All.EqualTo("accepted"));
        Assert.That(Sender.Events, Has.Count.EqualTo(2_500));
        Assert.That(Sender.Batches.Select(batch => batch.Events.Count), Is.All.LessThanOrEqualTo(500));
    }

    [Test]
    public async Task Of_2501_events_none_is()
    {
        var answer = await Host.TrackAsync("/v1/batch", BatchOf(2_501));

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(answer.Json.GetProperty("message").GetString(), Does.Contain("2501").And.Contain("2500"));
        Assert.That(Sender.Events, Is.Empty);
        Assert.That(Sender.Rejected.Single().Code, Is.EqualTo("too-many-events"));
    }

    [Test]
    public async Task Of_500_KB_all_is_read_and_of_a_byte_more_nothing()
    {
        const string start = """{"batch": [{"type": "track", "event": "E", "userId": "ann"}], "filler": " """;
        var fitting = $"{start}{new string('x', (500 * 1024) - start.Length - 2)}\"}}";
        Assert.That(fitting, Has.Length.EqualTo(TrackingBody.MaxBytes));

        Assert.That((await Host.TrackAsync("/v1/batch", fitting)).Status, Is.EqualTo(HttpStatusCode.OK));
        var larger = await Host.TrackAsync("/v1/batch", fitting + " ");

        Assert.That((larger.Status, larger.Json.GetProperty("success").GetBoolean()), Is.EqualTo((HttpStatusCode.BadRequest, false)));
        Assert.That(Sender.Events, Has.Count.EqualTo(1));
        Assert.That(Sender.Rejected.Single().Code, Is.EqualTo("body-too-large"));
        Assert.That(Sender.Rejected.Single().Payload, Has.Length.EqualTo(64 * 1024));
    }

    private static string BatchOf(int count) =>
        $$"""{"batch": [{{string.Join(',', Enumerable.Range(0, count).Select(i => $$"""{"type":"track","event":"E","userId":"c{{i % 7}}","messageId":"{{i}}"}"""))}}]}""";
}
