using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace TaggingPipeline.Pipeline.Specs.Ingestion;

[NonParallelizable]
public sealed class WhenABodyIsPacked : IngestionSpecs
{
    private static readonly byte[] Event = """{"userId": "ann", "event": "Played", "writeKey": "shop-key"}"""u8.ToArray();

    [TestCase("application/json")]
    [TestCase("application/json; charset=utf-8")]
    [TestCase("text/plain")]
    [TestCase("text/plain;charset=UTF-8")]
    [TestCase(null)]
    public async Task The_content_type_does_not_matter(string? contentType)
    {
        Assert.That(await StatusAsync(Event, contentType), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(Sender.Events, Has.Count.EqualTo(1));
    }

    [TestCase("gzip")]
    [TestCase("GZIP")]
    [TestCase("x-gzip")]
    [TestCase(null)]
    public async Task Gzip_is_unpacked_with_no_type_and_no_authorization(string? encoding)
    {
        Assert.That(await StatusAsync(IngestionHost.Gzip(Event), null, encoding), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(Sender.Events, Has.Count.EqualTo(1));
    }

    [TestCase("gzip", "not-gzip")]
    [TestCase("br", "unsupported-encoding")]
    public async Task What_cannot_be_unpacked_is_refused_and_kept(string encoding, string code)
    {
        var answer = await Host.TrackAsync("/v1/track", Event, encoding);

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(Sender.Rejected.Single().Code, Is.EqualTo(code));
        Assert.That(Sender.Rejected.Single().Payload, Is.EqualTo(Encoding.UTF8.GetString(Event)));
    }

    [Test]
    public async Task Gzip_that_breaks_off_is_refused()
    {
        var answer = await Host.TrackAsync("/v1/track", IngestionHost.Gzip(Event)[..20], "gzip");

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task A_byte_order_mark_is_skipped() =>
        Assert.That(await StatusAsync([0xEF, 0xBB, 0xBF, .. Event], null), Is.EqualTo(HttpStatusCode.OK));

    [Test]
    public async Task Limits_count_the_unpacked_bytes()
    {
        var json = $$"""{"userId": "ann", "event": "Played", "properties": {"filler": "{{new string('x', 32 * 1024)}}"} }""";

        var answer = await Host.TrackAsync("/v1/track", IngestionHost.Gzip(Encoding.UTF8.GetBytes(json)), "gzip");

        Assert.That((answer.Status, answer.Outcomes.Single()), Is.EqualTo((HttpStatusCode.OK, "too-large")));
    }

    [Test]
    public async Task A_bomb_costs_no_more_memory_than_a_body_of_the_limit()
    {
        var bomb = IngestionHost.Gzip(new byte[60_000_000]);
        await Host.TrackAsync("/v1/batch", bomb, "gzip");
        var before = GC.GetTotalAllocatedBytes(precise: true);

        for (var i = 0; i < 10; i++)
            Assert.That((await Host.TrackAsync("/v1/batch", bomb, "gzip")).Status, Is.EqualTo(HttpStatusCode.BadRequest));

        var perBomb = (GC.GetTotalAllocatedBytes(precise: true) - before) / 10;
        Assert.That(perBomb, Is.LessThan(4_000_000), "bytes allocated for each 60 MB bomb");
        Assert.That(Sender.Rejected, Is.All.Property("Code").EqualTo("body-too-large"));
    }

    [Test]
    public async Task A_body_of_unknown_length_is_read_to_the_limit_and_no_further()
    {
        using var body = new MemoryStream(new byte[3_000_000]);
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/batch") { Content = new StreamContent(body) };
        request.Headers.Authorization = IngestionHost.Basic(IngestionHost.WriteKey);
        request.Headers.TransferEncodingChunked = true;

        Assert.That((await Host.SendAsync(request)).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(Sender.Rejected.Single().Code, Is.EqualTo("body-too-large"));
    }

    private async Task<HttpStatusCode> StatusAsync(byte[] body, string? contentType, string? encoding = null)
    {
        var content = new ByteArrayContent(body);
        if (contentType is not null)
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        if (encoding is not null)
            content.Headers.ContentEncoding.Add(encoding);
        return (await Host.SendAsync(new(HttpMethod.Post, "/v1/track") { Content = content })).Status;
    }
}
