using System.Net;

namespace TaggingPipeline.Pipeline.Specs.Ingestion;

public sealed class WhenABrowserAsksFirst : IngestionSpecs
{
    [TestCase("/v1/t")]
    [TestCase("/v1/batch")]
    [TestCase("/v1/projects/shop-key/settings")]
    public async Task It_may_send_from_any_page(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, path);
        request.Headers.Add("Origin", "https://shop.example");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type,x-retry-count");

        var answer = await Host.SendAsync(request);

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That(Header(answer, "Access-Control-Allow-Origin"), Is.EqualTo("*"));
        Assert.That(Header(answer, "Access-Control-Allow-Methods"), Does.Contain("POST"));
        Assert.That(Header(answer, "Access-Control-Allow-Headers"), Does.Contain("authorization").And.Contain("x-retry-count"));
        Assert.That(Header(answer, "Access-Control-Max-Age"), Is.EqualTo("86400"));
    }

    [TestCase("")]
    [TestCase("ünïcode")]
    [TestCase("a;b=c")]
    public async Task What_is_no_list_of_header_names_is_not_repeated(string asked)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, "/v1/t");
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Headers", asked);

        Assert.That(Header(await Host.SendAsync(request), "Access-Control-Allow-Headers"), Does.Contain("Authorization").And.Contain("Content-Type"));
    }

    [TestCase("""{"userId": "ann", "event": "Played", "writeKey": "shop-key"}""")]
    [TestCase("""{"userId": "ann", "event": "Played"}""")]
    [TestCase("no JSON")]
    public async Task It_may_read_every_answer(string body)
    {
        var answer = await Host.SendAsync(new(HttpMethod.Post, "/v1/t") { Content = new StringContent(body) });

        Assert.That(Header(answer, "Access-Control-Allow-Origin"), Is.EqualTo("*"));
        Assert.That(Header(answer, "Access-Control-Expose-Headers"), Does.Contain("Retry-After"));
    }

    [Test]
    public async Task It_learns_where_to_send()
    {
        var answer = await Host.SendAsync(new(HttpMethod.Get, "/v1/projects/shop-key/settings"));

        Assert.That((answer.Status, answer.MediaType), Is.EqualTo((HttpStatusCode.OK, "application/json")));
        var destination = answer.Json.GetProperty("integrations").GetProperty("Segment.io");
        Assert.That(destination.GetProperty("apiKey").GetString(), Is.EqualTo("shop-key"));
        Assert.That(destination.GetProperty("apiHost").GetString(), Is.EqualTo($"{Host.Client.BaseAddress!.Authority}/v1"));
        Assert.That(destination.GetProperty("protocol").GetString(), Is.EqualTo("http"));
        Assert.That(Header(answer, "Access-Control-Allow-Origin"), Is.EqualTo("*"));
    }

    [Test]
    public async Task It_learns_nothing_with_an_unknown_key() =>
        Assert.That((await Host.SendAsync(new(HttpMethod.Get, "/v1/projects/nobody/settings"))).Status, Is.EqualTo(HttpStatusCode.Unauthorized));

    private static string Header(Answer answer, string name) => answer.Headers.GetValues(name).Single();
}
