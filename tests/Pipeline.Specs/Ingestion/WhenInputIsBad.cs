using System.Net;
using System.Text;

namespace TaggingPipeline.Pipeline.Specs.Ingestion;

/// <summary>Bad events are answered as Segment answers them, with 200, but they are kept aside with their reason, and spoil no other.</summary>
public sealed class WhenInputIsBad : IngestionSpecs
{
    private const string Good = """{"type": "track", "event": "Good", "userId": "ann"}""";

    private static IEnumerable<TestCaseData> BadEvents()
    {
        yield return Bad("No_person", "missing-id", """{"type": "track", "event": "E"}""");
        yield return Bad("Empty_persons", "missing-id", """{"type": "track", "event": "E", "userId": "", "anonymousId": null}""");
        yield return Bad("A_number_as_person", "wrong-type", """{"type": "track", "event": "E", "userId": 42}""");
        yield return Bad("An_object_as_person", "wrong-type", """{"type": "track", "event": "E", "userId": "ann", "anonymousId": {}}""");
        yield return Bad("A_person_of_201_characters", "bad-id", $$"""{"type": "track", "event": "E", "userId": "{{new string('x', 201)}}"}""");
        yield return Bad("No_event_name", "missing-field", """{"type": "track", "userId": "ann"}""");
        yield return Bad("A_list_as_event_name", "wrong-type", """{"type": "track", "userId": "ann", "event": ["E"]}""");
        yield return Bad("An_event_name_of_201_characters", "bad-name", $$"""{"type": "track", "userId": "ann", "event": "{{new string('x', 201)}}"}""");
        yield return Bad("No_group", "missing-field", """{"type": "group", "userId": "ann"}""");
        yield return Bad("No_previous_id", "missing-field", """{"type": "alias", "userId": "ann"}""");
        yield return Bad("An_alias_without_user_id", "missing-field", """{"type": "alias", "anonymousId": "a1", "previousId": "ann"}""");
        yield return Bad("No_type", "missing-field", """{"event": "E", "userId": "ann"}""");
        yield return Bad("An_unknown_type", "unknown-type", """{"type": "purchase", "event": "E", "userId": "ann"}""");
        yield return Bad("A_number_as_type", "wrong-type", """{"type": 1, "event": "E", "userId": "ann"}""");
        yield return Bad("A_number_as_message_id", "wrong-type", """{"type": "track", "event": "E", "userId": "ann", "messageId": 1}""");
        yield return Bad("A_message_id_of_101_characters", "bad-event-id", $$"""{"type": "track", "event": "E", "userId": "ann", "messageId": "{{new string('x', 101)}}"}""");
        yield return Bad("A_text_as_properties", "wrong-type", """{"type": "track", "event": "E", "userId": "ann", "properties": "none"}""");
        yield return Bad("A_list_as_traits", "wrong-type", """{"type": "identify", "userId": "ann", "traits": []}""");
        yield return Bad("A_text_as_context", "wrong-type", """{"type": "track", "event": "E", "userId": "ann", "context": "none"}""");
        yield return Bad("A_number_as_timestamp", "wrong-type", """{"type": "track", "event": "E", "userId": "ann", "timestamp": 1767225600}""");
        yield return Bad("An_absurd_timestamp", "bad-timestamp", """{"type": "track", "event": "E", "userId": "ann", "timestamp": "12026-03-01T00:00:00Z"}""");
        yield return Bad("A_number_beyond_decimal", "bad-number", """{"type": "track", "event": "E", "userId": "ann", "properties": {"total": 1e400}}""");
        yield return Bad("A_number_beyond_decimal_in_a_list", "bad-number", """{"type": "track", "event": "E", "userId": "ann", "properties": {"p": [{"price": 8e28}]}}""");
        yield return Bad("33_levels", "too-deep", $$"""{"type": "track", "event": "E", "userId": "ann", "properties": {{Nested(32)}}}""");
        yield return Bad("33_levels_of_context", "too-deep", $$"""{"type": "track", "event": "E", "userId": "ann", "context": {{Nested(32)}}}""");
        yield return Bad("10000_levels", "too-deep", $$"""{"type": "track", "event": "E", "userId": "ann", "properties": {{Nested(10_000, "[", "]")}}}""");
        yield return Bad("A_lone_surrogate", "bad-text", """{"type": "track", "event": "E", "userId": "ann", "properties": {"a": "\ud83d"}}""");
        yield return Bad("A_lone_surrogate_in_a_name", "bad-text", """{"type": "track", "event": "E", "userId": "ann", "\udc00": 1}""");
        yield return Bad("Surrogates_the_wrong_way_round", "bad-text", """{"type": "track", "event": "E", "userId": "ann", "properties": {"a": "\ude00\ud83d"}}""");
        yield return Bad("A_byte_more_than_32_KB", "too-large", Sized((32 * 1024) + 1));
        yield return Bad("A_number_instead_of_an_event", "not-an-object", "7");
        yield return Bad("A_list_instead_of_an_event", "not-an-object", $"[{Good}]");
        yield return Bad("Null_instead_of_an_event", "not-an-object", "null");
    }

    private static IEnumerable<TestCaseData> UnusualEvents()
    {
        yield return new TestCaseData(Sized(32 * 1024)).SetName("32_KB_are_accepted");
        yield return new TestCaseData($$"""{"type": "track", "event": "E", "userId": "ann", "properties": {{Nested(31)}}}""").SetName("32_levels_are_accepted");
        yield return new TestCaseData("""{"type": "track", "event": "E", "userId": "ann", "properties": {"a": "\ud83d\ude00 \\ud83d"}}""").SetName("Escapes_of_a_pair_are_accepted");
        yield return new TestCaseData("""{"type": "track", "event": "E", "userId": "ann", "properties": {"total": 79228162514264337593543950335}}""").SetName("The_greatest_decimal_is_accepted");
        yield return new TestCaseData("""{"type": "track", "event": "E", "userId": "ann", "properties": {"total": "1e400", "a": 1, "a": 2}, "unknown": [1]}""").SetName("What_is_only_odd_is_accepted");
    }

    [TestCaseSource(nameof(BadEvents))]
    public async Task It_spoils_nothing_else_of_its_batch(string bad, string code)
    {
        var answer = await Host.TrackAsync("/v1/batch", $$"""{"batch": [{{Good}}, {{bad}}, {{Good}}]}""");

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(answer.Outcomes, Is.EqualTo(new[] { "accepted", code, "accepted" }));
        Assert.That(Sender.Events, Has.Count.EqualTo(2));
        var kept = Sender.Rejected.Single();
        Assert.That((kept.Code, kept.Payload, kept.ReceivedAt), Is.EqualTo((code, bad, IngestionHost.Start)));
        Assert.That(kept.Reason, Is.Not.Empty);
    }

    [TestCaseSource(nameof(UnusualEvents))]
    public async Task Unusual(string unusual)
    {
        var answer = await Host.TrackAsync("/v1/batch", $$"""{"batch": [{{unusual}}]}""");

        Assert.That(answer.Outcomes, Is.EqualTo(new[] { "accepted" }));
    }

    [Test]
    public async Task Invalid_UTF_8_spoils_only_its_event()
    {
        const string start = """{"type": "track", "event": "E", "userId": "ann", "messageId": "m1", "properties": {"a": " """;
        byte[] bad = [.. Encoding.UTF8.GetBytes(start), 0xC3, 0x28, .. "\"}}"u8];
        byte[] body = [.. """{"batch": ["""u8, .. bad, .. ", "u8, .. Encoding.UTF8.GetBytes(Good), .. "]}"u8];

        var answer = await Host.TrackAsync("/v1/batch", body);

        Assert.That(answer.Outcomes, Is.EqualTo(new[] { "bad-text", "accepted" }));
        var kept = Sender.Rejected.Single();
        Assert.That((kept.MessageId, kept.Code), Is.EqualTo(("m1", "bad-text")));
        Assert.That(kept.Reason, Does.EndWith($"byte {start.Length}"));
        Assert.That(kept.Payload, Does.Contain("\uFFFD("));
    }

    [TestCase("/v1/track", """{"event": "E"}""", "missing-id")]
    [TestCase("/v1/track", """{"userId": "ann"}""", "missing-field")]
    [TestCase("/v1/identify", """{"userId": "ann", "traits": 1}""", "wrong-type")]
    [TestCase("/v1/track", """{"userId": "ann", "event": "E", "properties": {"a": "\udead"}}""", "bad-text")]
    public async Task A_single_one_is_answered_likewise(string path, string bad, string code)
    {
        var answer = await Host.TrackAsync(path, bad);

        Assert.That((answer.Status, answer.Outcomes.Single()), Is.EqualTo((HttpStatusCode.OK, code)));
        Assert.That((Sender.Rejected.Single().Code, Sender.Rejected.Single().Payload), Is.EqualTo((code, bad)));
        Assert.That(Sender.Events, Is.Empty);
    }

    [Test]
    public async Task A_single_one_of_32_KB_and_a_byte_or_10000_levels_is_answered_likewise()
    {
        Assert.That((await Host.TrackAsync("/v1/track", Sized((32 * 1024) + 1))).Outcomes.Single(), Is.EqualTo("too-large"));
        Assert.That((await Host.TrackAsync("/v1/track", $$"""{"a": {{Nested(10_000, "[", "]")}}}""")).Outcomes.Single(), Is.EqualTo("too-deep"));
        Assert.That(Sender.Rejected, Has.Count.EqualTo(2));
    }

    [TestCase("no JSON", "not-json")]
    [TestCase("", "not-json")]
    [TestCase("{", "not-json")]
    [TestCase("""{"batch": [{"total": NaN}]}""", "not-json")]
    [TestCase("""{"batch": [{"total": Infinity}]}""", "not-json")]
    [TestCase("""{"batch": [{"total": 01}]}""", "not-json")]
    [TestCase("""{"batch": []} {}""", "not-json")]
    [TestCase("""{"batch": [1,]}""", "not-json")]
    [TestCase("""{"batch": "none"}""", "no-batch")]
    [TestCase("""{"batch": null}""", "no-batch")]
    [TestCase("""{"batch": {}}""", "no-batch")]
    [TestCase("""{}""", "no-batch")]
    [TestCase("""[]""", "not-an-object")]
    [TestCase(""" "batch" """, "not-an-object")]
    [TestCase("7", "not-an-object")]
    public async Task A_body_that_cannot_be_used_is_refused_and_kept(string body, string code)
    {
        var answer = await Host.TrackAsync("/v1/batch", body);

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(answer.Json.GetProperty("success").GetBoolean(), Is.False);
        Assert.That(answer.Json.GetProperty("message").GetString(), Is.Not.Empty);
        Assert.That((Sender.Rejected.Single().Code, Sender.Rejected.Single().Payload), Is.EqualTo((code, body)));
        Assert.That(Sender.Events, Is.Empty);
    }

    [Test]
    public async Task A_NaN_from_a_browser_whose_key_is_in_the_body_is_kept_too()
    {
        var answer = await Host.SendAsync(new(HttpMethod.Post, "/v1/t")
        {
            Content = new StringContent("""{"writeKey": "shop-key", "userId": "ann", "event": "E", "properties": {"total": NaN}}"""),
        });

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(Sender.Rejected.Single().Code, Is.EqualTo("not-json"));
    }

    [Test]
    public async Task Nothing_but_brackets_is_answered_at_once()
    {
        var answer = await Host.TrackAsync("/v1/batch", $$"""{"batch": [{{Nested(250_000, "[", "]")}}, {{Good}}]}""");

        Assert.That(answer.Outcomes, Is.EqualTo(new[] { "not-an-object", "accepted" }));
    }

    [Test]
    public async Task The_same_again_is_the_same_rejection()
    {
        const string bad = """{"event": "E"}""";
        await Host.TrackAsync("/v1/track", bad);
        Host.Clock.Advance(TimeSpan.FromMinutes(1));
        await Host.TrackAsync("/v1/track", bad);
        await Host.TrackAsync("/v1/track", """{"event": "F"}""");

        var ids = Sender.Rejected.Select(each => each.Id).ToArray();
        Assert.That(ids[1], Is.EqualTo(ids[0]));
        Assert.That(ids[2], Is.Not.EqualTo(ids[0]));
    }

    [Test]
    public async Task A_payload_is_not_cut_within_a_character()
    {
        await Host.TrackAsync("/v1/track", $$"""{"userId": "ann", "event": "EE", "properties": {"a": "{{new string('文', 30_000)}}"} }""");

        var payload = Sender.Rejected.Single().Payload;
        Assert.That(Encoding.UTF8.GetByteCount(payload), Is.InRange((64 * 1024) - 2, 64 * 1024));
        Assert.That(payload, Does.Not.Contain("\uFFFD"));
    }

    private static TestCaseData Bad(string name, string code, string json) => new TestCaseData(json, code).SetName($"Bad_{name}");

    private static string Nested(int levels, string open = """{"a":""", string close = "}") =>
        $"{new StringBuilder().Insert(0, open, levels)}1{new StringBuilder().Insert(0, close, levels)}";

    private static string Sized(int bytes)
    {
        const string start = """{"type": "track", "event": "E", "userId": "ann", "properties": {"filler": " """;
        const string end = "\"}}";
        return $"{start}{new string('x', bytes - start.Length - end.Length)}{end}";
    }
}
