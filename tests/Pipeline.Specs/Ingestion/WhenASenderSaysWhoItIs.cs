using System.Net;
using System.Text;

namespace TaggingPipeline.Pipeline.Specs.Ingestion;

public sealed class WhenASenderSaysWhoItIs : IngestionSpecs
{
    private const string Event = """{"userId": "ann", "event": "Played"}""";
    private const string EventWithKey = """{"userId": "ann", "event": "Played", "writeKey": "shop-key"}""";
    private const string EventWithUnknownKey = """{"userId": "ann", "event": "Played", "writeKey": "shop-kez"}""";

    [TestCase("shop-key:", Event, TestName = "The_key_may_be_the_user_of_Basic")]
    [TestCase("shop-key", Event, TestName = "The_key_may_be_all_of_Basic_without_a_colon")]
    [TestCase("shop-key:password", Event, TestName = "A_password_does_not_matter")]
    [TestCase("other-key:", Event, TestName = "Any_of_several_keys_opens")]
    [TestCase(null, EventWithKey, TestName = "The_key_may_stand_in_the_body")]
    [TestCase(null, """{"write\u004bey": "shop\u002dkey", "userId": "ann", "event": "Played"}""", TestName = "The_key_in_the_body_may_be_escaped")]
    [TestCase("someone:", EventWithKey, TestName = "One_known_key_of_two_is_enough")]
    public async Task Known(string? basic, string json) => Assert.That(await StatusAsync(basic, json), Is.EqualTo(HttpStatusCode.OK));

    [TestCase(null, Event, TestName = "No_key_is_refused")]
    [TestCase("shop-kez:", Event, TestName = "An_unknown_key_is_refused")]
    [TestCase(":shop-key", Event, TestName = "A_key_as_password_is_refused")]
    [TestCase(":", Event, TestName = "An_empty_key_is_refused")]
    [TestCase(null, EventWithUnknownKey, TestName = "An_unknown_key_in_the_body_is_refused")]
    [TestCase(null, """{"userId": "ann", "event": "Played", "writeKey": 7}""", TestName = "A_number_is_no_key")]
    [TestCase(null, """{"userId": "ann", "event": "Played", "writeKey": "\ud800"}""", TestName = "Broken_text_is_no_key")]
    [TestCase("shop-kez:", "no JSON", TestName = "An_unknown_key_is_told_before_what_it_sent")]
    public async Task Unknown(string? basic, string json)
    {
        Assert.That(await StatusAsync(basic, json), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(Sender.Started, Is.Zero);
    }

    [Test]
    public async Task A_bearer_token_goes_with_the_key_in_the_body()
    {
        var request = Request(EventWithKey);
        request.Headers.Authorization = new("Bearer", "a-token");

        Assert.That((await Host.SendAsync(request)).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("Basic !!!")]
    [TestCase("Basic")]
    [TestCase("Digest shop-key")]
    public async Task An_authorization_that_cannot_be_read_is_none(string authorization)
    {
        var request = Request(Event);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);

        Assert.That((await Host.SendAsync(request)).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task A_strangers_body_that_cannot_be_read_is_refused_for_that_and_not_kept()
    {
        Assert.That(await StatusAsync(null, "no JSON"), Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(Sender.Started, Is.Zero);
    }

    [Test]
    public async Task The_API_key_does_not_open_tracking() =>
        Assert.That(await StatusAsync(IngestionHost.ApiKey, Event), Is.EqualTo(HttpStatusCode.Unauthorized));

    private async Task<HttpStatusCode> StatusAsync(string? basic, string json)
    {
        var request = Request(json);
        if (basic is not null)
            request.Headers.Authorization = IngestionHost.Basic(basic);
        var answer = await Host.SendAsync(request);
        Assert.That(answer.Json.GetProperty("success").GetBoolean(), Is.EqualTo(answer.Status == HttpStatusCode.OK));
        return answer.Status;
    }

    private static HttpRequestMessage Request(string json) =>
        new(HttpMethod.Post, "/v1/track") { Content = new StringContent(json, Encoding.UTF8, "application/json") };
}
