using System.Globalization;
using System.Text;
using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Ingestion;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Rejections;

namespace TaggingPipeline.Pipeline.Specs.Rejections;

/// <summary>What was sent wrongly, set aside by ingestion or evaluation themselves, then mended: it is the event that had been sent rightly.</summary>
public sealed class WhenARejectedEventIsReviewed : IngestionSpecs
{
    [TestCase("/v1/track", """{"userID": "ann", "messageId": "m1", "event": "Order Completed", "timestamp": "2026-03-01T11:00:00Z", "sentAt": "2026-03-01T11:59:00Z", "properties": {"total": "19.90"}}""",
        """[{"rename": "userID", "to": "userId"}]""")]
    [TestCase("/v1/page", """{"userId": 7, "messageId": "m1", "name": "Home", "category": "Shop"}""", """[{"convert": "userId", "to": "text"}]""")]
    [TestCase("/v1/identify", """{"userId": "ann", "messageId": "m1", "traits": "none"}""", """[{"drop": "traits"}]""")]
    [TestCase("/v1/track", """{"type": "page", "userId": "ann", "messageId": "m1", "event": "E", "timestamp": 1772362800}""", """[{"convert": "timestamp", "to": "instant", "format": "unix-seconds"}]""")]
    [TestCase("/v1/group", """{"userId": "ann", "messageId": "m1", "group": "g", "traits": {"name": "G"}}""", """[{"rename": "group", "to": "groupId"}]""")]
    [TestCase("/v1/alias", """{"userId": "ann", "messageId": "m1", "from": "a-1"}""", """[{"rename": "from", "to": "previousId"}]""")]
    [TestCase("/v1/track", """{"userId": "ann", "messageId": "m1", "event": "E", "properties": {"note": "\ud800", "a": 1e2}}""", """[{"drop": "properties.note"}]""")]
    public async Task One_that_was_tracked_is_the_event_that_had_been_sent_rightly(string path, string wrong, string steps)
    {
        await Host.TrackAsync(path, wrong);
        var review = Review(Sender.Rejected.Single(), steps);

        await Host.TrackAsync(path, TextOf(review.After!.Value));

        Assert.That(Json(review.Events.Single()), Is.EqualTo(Json(Sender.Events.Single())));
    }

    [TestCase("""{"type": "track", "userId": 1, "messageId": "m1", "event": "E", "timestamp": "2026-03-01T11:00:00Z"}""", """[{"convert": "userId", "to": "text"}]""", "userId", "\"1\"")]
    [TestCase("""{"type": "track", "userId": "1", "messageId": "m1", "event": "E", "properties": {"n": 1e30}, "context": {"own": true}, "sentAt": null}""", """[{"set": "properties.n", "value": 1}]""", "properties", """{"n": 1}""")]
    public async Task One_of_a_batch_keeps_what_the_batch_said_for_all(string wrong, string steps, string field, string right)
    {
        const string says = """ "sentAt": "2026-03-01T11:30:00Z", "context": {"ip": "1.2.3.4", "n": 1.50}, "integrations": {"All": false}""";
        await Host.TrackAsync("/v1/batch", $$"""{"batch": [{{wrong}}], {{says}} }""");
        var review = Review(Sender.Rejected.Single(), steps);

        var mended = System.Text.Json.Nodes.JsonNode.Parse(wrong)!;
        mended[field] = System.Text.Json.Nodes.JsonNode.Parse(right);
        await Host.TrackAsync("/v1/batch", $$"""{"batch": [{{mended.ToJsonString()}}], {{says}} }""");

        var (found, expected) = (review.Events.Single(), Sender.Events.Single());
        Assert.That(JsonElement.DeepEquals(JsonSerializer.SerializeToElement(found, ContractsJson.Options), JsonSerializer.SerializeToElement(expected, ContractsJson.Options)), $"{Json(found)} and {Json(expected)}");
        Assert.That(found.SentAt, Is.EqualTo(IngestionHost.At("2026-03-01T11:30:00Z")));
    }

    [Test]
    public async Task What_the_batch_said_wrongly_can_be_mended_too()
    {
        await Host.TrackAsync("/v1/batch", """{"batch": [{"type": "track", "userId": "ann", "event": "E", "messageId": "m1"}], "sentAt": "soon", "context": [1]}""");
        var rejection = Sender.Rejected.Single();

        Assert.That(Review(rejection, "[]").Why, Is.EqualTo(new Rejection("bad-timestamp", "sentAt: must be an ISO 8601 instant, such as 2026-03-01T12:30:00.000Z")));
        Assert.That(Review(rejection, """[{"drop": "sentAt"}]""").Why?.Code, Is.EqualTo("wrong-type"));
        Assert.That(Review(rejection, """[{"drop": "sentAt"}, {"drop": "context"}]""").Events.Single().Context, Is.Null);
    }

    [Test]
    public async Task An_event_of_32_KB_may_have_the_context_of_its_batch_besides()
    {
        var filler = new string('x', 31 * 1024);
        await Host.TrackAsync("/v1/batch", $$"""{"batch": [{"type": "track", "userID": "ann", "event": "E", "properties": {"f": "{{filler}}"} }], "context": {"f": "{{filler}}"} }""");
        var rejection = Sender.Rejected.Single();

        Assert.That(Review(rejection, """[{"rename": "userID", "to": "userId"}]""").Outcome, Is.EqualTo(ReviewOutcome.Accepted));
        Assert.That(Review(rejection, """[{"rename": "userID", "to": "userId"}, {"set": "more", "value": "{{{x}}}"}]""".Replace("{{{x}}}", filler, StringComparison.Ordinal)).Why?.Code, Is.EqualTo("too-large"));
    }

    [Test]
    public async Task One_without_an_instant_happened_when_it_was_first_received_and_clocks_are_corrected_against_that()
    {
        await Host.TrackAsync("/v1/track", """{"event": "E", "messageId": "m1"}""");
        await Host.TrackAsync("/v1/track", """{"event": "E", "messageId": "m2", "timestamp": "2026-03-01T10:00:00Z", "sentAt": "2026-03-01T11:00:00Z"}""");
        await Host.TrackAsync("/v1/track", """{"event": "E", "messageId": "m3", "timestamp": "2026-03-01T13:00:00Z"}""");
        Host.Clock.Advance(TimeSpan.FromDays(30));

        var events = Sender.Rejected.Select(rejection => Review(rejection, """[{"set": "userId", "value": "ann"}]""").Events.Single()).ToList();

        Assert.That(events.Select(each => each.ReceivedAt), Has.All.EqualTo(IngestionHost.Start));
        Assert.That(events.Select(each => each.OccurredAt), Is.EqualTo(new[] { IngestionHost.Start, IngestionHost.Start.AddHours(-1), IngestionHost.Start }));
        Assert.That(events.Select(each => each.FromFuture), Is.EqualTo(new[] { false, false, true }));
    }

    [Test]
    public async Task One_without_an_id_gets_the_same_id_each_time_and_no_other_has_it()
    {
        await Host.TrackAsync("/v1/track", """{"event": "E"}""");
        await Host.TrackAsync("/v1/track", """{"event": "F"}""");
        await Host.ImportAsync("""{"customerId": "ann", "kind": "browse", "name": "Page", "occurredAt": "2024-01-01T00:00:00Z"}""");

        string[] Ids() => [.. Sender.Rejected.Select(rejection => Review(rejection, """[{"set": "userId", "value": "ann"}]""").Events.Single().EventId)];

        var first = Ids();
        Assert.That(first, Is.EqualTo(Sender.Rejected.Select(rejection => $"rejected-{rejection.Id}")).And.Unique);
        Assert.That(Ids(), Is.EqualTo(first));
    }

    [Test]
    public async Task One_that_was_imported_is_the_event_that_had_been_imported_rightly()
    {
        await Host.ImportAsync("""{"id": "e1", "customerId": "ann", "kind": "purchase", "name": "Order Completed", "date": "24/12/2019", "properties": {"total": 19.90}}""");
        var review = Review(Sender.Rejected.Single(), """[{"rename": "id", "to": "eventId"}, {"rename": "date", "to": "occurredAt"}, {"convert": "occurredAt", "to": "instant", "format": "dd/MM/yyyy"}]""");

        await Host.ImportAsync(TextOf(review.After!.Value));

        Assert.That(Json(review.Events.Single()), Is.EqualTo(Json(Sender.Events.Single())));
        Assert.That(review.Events.Single().OccurredAt, Is.EqualTo(IngestionHost.At("2019-12-24T00:00:00Z")));
    }

    [Test]
    public void One_that_evaluation_has_set_aside_is_the_event_that_had_been_published_rightly()
    {
        var right = Published("purchase", """{"total": 19.90, "note": "消息"}""");
        var rejection = BatchOfEvents.Sort([right with { Kind = "prank" }], default).Rejected.Single();

        Assert.That(rejection.Source, Is.EqualTo("bus"));
        Assert.That(Json(Review(rejection, """[{"set": "kind", "value": "purchase"}]""").Events.Single()), Is.EqualTo(Json(right)));
        Assert.That(Review(rejection, "[]").Why?.Code, Is.EqualTo("bad-kind"));
        Assert.That(Review(rejection, """[{"drop": "customerId"}]""").Why?.Code, Is.EqualTo("not-an-event"));
        Assert.That(Review(rejection, """[{"set": "occurredAt", "value": "2300-01-01T00:00:00Z"}, {"set": "kind", "value": "browse"}]""").Why?.Code, Is.EqualTo("bad-instant"));
    }

    [Test]
    public void One_of_the_bus_whose_text_is_no_Unicode_is_accepted_once_that_is_gone()
    {
        var rejection = BatchOfEvents.Sort([Published("purchase", """{"note": "\ud800", "total": 1}""")], default).Rejected.Single();

        Assert.That(Review(rejection, "[]").Why?.Code, Is.EqualTo("bad-text"));
        Assert.That(Review(rejection, """[{"drop": "properties.note"}]""").Events.Single().Properties!.Value.GetRawText(), Is.EqualTo("""{ "total": 1}"""));
    }

    [Test]
    public async Task A_body_that_can_be_used_once_mended_is_taken_apart_as_any_other()
    {
        await Host.TrackAsync("/v1/batch", """{"events": [{"type": "track", "userId": "ann", "event": "E"}, {"type": "track", "event": "F"}, {"type": "page", "userId": "bob"}], "sentAt": "2026-03-01T12:00:00Z"}""");
        var rejection = Sender.Rejected.Single();

        var review = Review(rejection, """[{"rename": "events", "to": "batch"}]""");

        Assert.That(review.Outcome, Is.EqualTo(ReviewOutcome.Accepted));
        Assert.That(review.Events.Select(each => (each.CustomerId, each.EventId)), Is.EqualTo(new[] { ("ann", $"rejected-{rejection.Id}-0"), ("bob", $"rejected-{rejection.Id}-2") }));
        Assert.That(review.Events.Select(each => each.SentAt), Has.All.EqualTo(IngestionHost.Start));
        Assert.That((review.Parts.Single().Code, review.Parts.Single().Request), Is.EqualTo(("missing-id", """{"sentAt":"2026-03-01T12:00:00Z"}""")));
        Assert.That(Review(rejection, "[]").Why?.Code, Is.EqualTo("no-batch"));
    }

    [Test]
    public async Task An_event_of_a_body_has_one_id_whether_it_is_mended_with_the_body_or_by_itself()
    {
        await Host.TrackAsync("/v1/batch", """{"events": [{"type": "page", "userId": "ann"}, {"type": "page", "userID": "bob"}, {"type": "page", "messageId": "m1"}, {"type": "page", "messageId": 7}, null]}""");
        var body = Sender.Rejected.Single();
        var parts = Review(body, """[{"rename": "events", "to": "batch"}]""").Parts;

        var alone = Review(parts[0], """[{"rename": "userID", "to": "userId"}]""").Events.Single();
        var together = Review(body, """[{"rename": "events", "to": "batch"}, {"rename": "batch[1].userID", "to": "batch[1].userId"}]""").Events[1];

        Assert.That(alone.EventId, Is.EqualTo($"rejected-{body.Id}-1").And.EqualTo(together.EventId).And.EqualTo(parts[0].MessageId));
        Assert.That(parts.Skip(1).Select(part => (part.MessageId, part.Payload)), Is.EqualTo(new[]
        {
            ("m1", """{"type": "page", "messageId": "m1"}"""), (null, """{"type": "page", "messageId": 7}"""), ((string?)null, "null"),
        }), "an id that is there stays, right or wrong");
        Assert.That(Review(parts[2], """[{"convert": "messageId", "to": "text"}, {"set": "userId", "value": "cleo"}]""").Events.Single().EventId, Is.EqualTo("7"));
    }

    [Test]
    public async Task A_body_that_is_JSON_after_all_needs_no_mending()
    {
        await Host.TrackAsync("/v1/track", Encoding.UTF8.GetBytes("""{"userId": "ann", "event": "E"}"""), contentEncoding: "utf-8");

        Assert.That(Sender.Rejected.Single().Code, Is.EqualTo("unsupported-encoding"));
        Assert.That(Review(Sender.Rejected.Single(), "[]").Events.Single().Name, Is.EqualTo("E"));
    }

    [Test]
    public async Task What_is_not_JSON_or_was_cut_cannot_be_mended_and_says_so()
    {
        await Host.TrackAsync("/v1/track", """{"userId": "ann", "event": "E", "properties": {"total": NaN}}""");
        await Host.TrackAsync("/v1/track", $$"""{"userId": "ann", "event": "E", "properties": {"a": "{{new string('文', 30_000)}}"} }""");

        var reviews = Sender.Rejected.Select(rejection => Review(rejection, """[{"drop": "properties"}]""")).ToList();

        Assert.That(reviews.Select(review => (review.Outcome, review.Why!.Code)), Is.EqualTo(new[] { (ReviewOutcome.Failed, "not-json"), (ReviewOutcome.Failed, "cut") }));
        Assert.That(reviews[1].Why!.Reason, Does.Contain("only the first 65536 bytes"));
    }

    [Test]
    public async Task One_that_was_too_large_is_accepted_once_it_is_not()
    {
        await Host.TrackAsync("/v1/track", $$"""{"userId": "ann", "event": "E", "properties": {"debug": "{{new string('x', 40_000)}}", "total": 1} }""");

        Assert.That(Review(Sender.Rejected.Single(), "[]").Why?.Code, Is.EqualTo("too-large"));
        Assert.That(Review(Sender.Rejected.Single(), """[{"drop": "properties.debug"}]""").Outcome, Is.EqualTo(ReviewOutcome.Accepted));
    }

    [Test]
    public async Task A_conversion_that_fails_fails_the_event_and_a_step_that_does_not_apply_is_told()
    {
        await Host.TrackAsync("/v1/track", """{"event": "E", "properties": {"price": "free"}}""");

        var review = Review(Sender.Rejected.Single(), """[{"drop": "debug"}, {"convert": "properties.price", "to": "number"}]""");

        Assert.That((review.Outcome, review.Why), Is.EqualTo((ReviewOutcome.Failed, new Rejection("not-mended", "steps[1]: properties.price: \"free\" cannot be made a number"))));
        Assert.That(review.NotApplied, Is.EqualTo(new[] { (0, "there is no `debug`") }));
    }

    [TestCase("""{"type": "track", "event": "E", "userId": 1}""", """[{"convert": "userId", "to": "text"}]""")]
    [TestCase("""{"customerId": 1, "eventId": "e", "kind": "browse", "name": "Page", "occurredAt": "2024-01-01T00:00:00Z"}""", """[{"convert": "customerId", "to": "text"}]""")]
    [TestCase("""{"customerId": "1", "eventId": "e", "kind": "prank", "name": "Page", "occurredAt": "2024-01-01T00:00:00Z", "receivedAt": "2024-01-01T00:00:00Z"}""", """[{"set": "kind", "value": "browse"}]""")]
    [TestCase("""{"events": [{"type": "page", "userId": "1"}], "batch": null}""", """[{"rename": "events", "to": "batch"}]""")]
    public void One_that_an_older_version_has_kept_is_known_by_its_fields(string payload, string steps)
    {
        var old = new RejectedEvent { Id = "r-1", ReceivedAt = IngestionHost.Start, Code = "c", Reason = "r", Payload = payload };

        Assert.That(Review(old, steps).Events.Single().CustomerId, Is.EqualTo("1"));
    }

    /// <summary>Whatever is done to whatever was sent, it ends with an outcome.</summary>
    [Test]
    public void Any_payload_under_any_steps_comes_to_an_outcome([Range(1, 10)] int seed)
    {
        var random = new Random(seed);
        string[] sources = ["tracking", "batch", "import", "bus"];
        string[] steps = ["""{"set": "batch", "value": [{}, 1, {"type": "page", "userId": "ann"}]}""", """{"drop": "a"}""", """{"rename": "a", "to": "userId"}""", """{"convert": "b", "to": "text"}""", """{"set": "kind", "value": "browse"}""", """{"set": "properties", "value": {"\u0061": 1e400}}"""];
        for (var i = 0; i < 100; i++)
        {
            var json = RandomJson.Object(random, 3);
            var payload = random.Next(3) == 0 ? Broken(json, random) : json;
            var rejection = new RejectedEvent
            {
                Id = $"r-{i}", ReceivedAt = IngestionHost.Start, Code = "c", Reason = "r", Payload = payload,
                Source = random.Next(5) == 0 ? null : sources[random.Next(sources.Length)],
                Request = random.Next(2) == 0 ? null : """{"type":"track","context":{"a":"\ud800"},"sentAt":5}""",
            };

            var review = Review(rejection, $"[{string.Join(',', steps.Where(_ => random.Next(2) == 0))}]");

            Assert.That(review.Outcome == ReviewOutcome.Accepted, Is.EqualTo(review.Why is null), $"seed {seed}: {payload}");
            Assert.That(review.Events.Select(EventCheck.Reject), Is.All.Null, $"seed {seed}: {payload}");
            Assert.That(RejectionReview.ToElement(review.Before).ValueKind, Is.Not.EqualTo(JsonValueKind.Undefined));
        }
    }

    private static string Broken(string json, Random random)
    {
        var at = random.Next(json.Length);
        return random.Next(2) == 0 ? json[..at] : json.Insert(at, random.Next(2) == 0 ? "\\ud800" : "\uFFFD");
    }

    private static ShopEvent Published(string kind, string properties) => new()
    {
        EventId = "e1",
        CustomerId = "ann",
        Kind = kind,
        Name = "Order Completed",
        OccurredAt = DateTimeOffset.Parse("2026-02-01T10:00:00Z", CultureInfo.InvariantCulture),
        ReceivedAt = IngestionHost.Start,
        Properties = JsonElement.Parse(properties),
    };

    private static ReviewedRejection Review(RejectedEvent rejection, string steps)
    {
        Assert.That(MendingSteps.Read(JsonElement.Parse(steps), out var read), Is.Null);
        return RejectionReview.Of(rejection, read);
    }

    private static string TextOf(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span);

    private static string Json(ShopEvent shopEvent) => JsonSerializer.Serialize(shopEvent, ContractsJson.Options);
}
