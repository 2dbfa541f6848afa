using System.Text.Json;
using TaggingPipeline.Pipeline.Specs.Processes;

namespace TaggingPipeline.Pipeline.Specs.Webhooks;

public sealed class WhenSubscriptionsAreManaged
{
    private static readonly string LongHost = string.Join('.', Enumerable.Repeat(new string('a', 60), 6));

    private const string Secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz";

    private SubscribedShop _shop = null!;
    private WebhookReceiver _receiver = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _shop = await SubscribedShop.StartAsync();
        _receiver = await WebhookReceiver.StartAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _shop.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [TearDown]
    public async Task RemoveAsync()
    {
        foreach (var each in (await _shop.Server.GetAsync("/api/subscriptions")).GetProperty("items").EnumerateArray().ToList())
            await _shop.DoAsync(HttpMethod.Delete, $"/api/subscriptions/{each.GetProperty("id").GetString()}");
    }

    [TestCase("""{}""", 422, "address", "missing")]
    [TestCase("""{"address":"example.com"}""", 422, "address", "https")]
    [TestCase("""{"address":"ftp://example.com"}""", 422, "address", "https")]
    [TestCase("""{"address":"https://ann:secret@example.com"}""", 422, "address", "user")]
    [TestCase("""{"address":"https://10.1.2.3/hook"}""", 422, "address", "WebhooksMayReach")]
    [TestCase("""{"address":"https://169.254.169.254/latest/meta-data"}""", 422, "address", "WebhooksMayReach")]
    [TestCase("""{"address":"https://[::ffff:192.168.1.1]/"}""", 422, "address", "WebhooksMayReach")]
    [TestCase("""{"address":"https://[fd00::1]/","verify":false}""", 422, "address", "WebhooksMayReach")]
    [TestCase("""{"address":"http://8.8.8.8/","verify":false}""", 422, "address", "use https")]
    [TestCase("""{"address":"https://LONG/","verify":false}""", 422, "address", "253 characters")]
    [TestCase("""{"address":"https://a..example/","verify":false}""", 422, "address", "")]
    [TestCase("""{"address":"https://xn--0.example/","verify":false}""", 422, "address", "")]
    [TestCase("""{"address":"http://127.0.0.1:1/"}""", 422, "address", "cannot be reached")]
    [TestCase("""{"address":"https://no-such-host.invalid/"}""", 422, "address", "cannot be reached")]
    [TestCase("""{"address":"URL","secret":"hunter2"}""", 422, "secret", "whsec_")]
    [TestCase("""{"address":"URL","secret":"whsec_c2hvcnQ="}""", 422, "secret", "24 to 64")]
    [TestCase("""{"address":"URL","secret":"whsec_!!!!"}""", 422, "secret", "base64")]
    [TestCase("""{"address":"URL","filter":{"segment":["vip"]}}""", 422, "filter.segment", "did you mean `vips`")]
    [TestCase("""{"address":"URL","filter":{"key":["none"]}}""", 422, "filter.key", "no tag or segment")]
    [TestCase("""{"address":"URL","filter":{"type":["tag.moved"]}}""", 422, "filter.type", "tag.added")]
    [TestCase("""{"address":"URL","filter":{"cause":["magic"]}}""", 422, "filter.cause", "rulebook")]
    [TestCase("""{"address":"URL","filter":{"category":["x"]}}""", 422, "filter.category", "behaviour")]
    [TestCase("""{"address":"URL","filter":{"type":[null,"nonsense"]}}""", 422, "filter.type", "null")]
    [TestCase("""{"address":"URL","filter":{"key":[null]}}""", 422, "filter.key", "null")]
    [TestCase("""{"address":"URL","filter":{"segment":["vips"],"category":["value"]}}""", 422, "filter.category", "fits nothing")]
    [TestCase("""{"address":"URL","filter":{"keys":["vip"]}}""", 400, "filter.keys", "no such field")]
    [TestCase("""{"address":"URL","filter":"vip"}""", 400, "filter", "not what this field takes")]
    [TestCase("""{"address":"URL","concurrency":65}""", 422, "concurrency", "1 to 64")]
    [TestCase("""{"address":"URL","concurrency":"many"}""", 400, "concurrency", "not what this field takes")]
    [TestCase("""{"address":"URL","batchSize":0}""", 422, "batchSize", "1 to 100")]
    [TestCase("""{"address":"URL","timeoutSeconds":61}""", 422, "timeoutSeconds", "1 to 60")]
    [TestCase("""{"address":"URL","shape":"xml"}""", 422, "shape", "cloudevents, segment")]
    [TestCase("""{"address":"URL","kind":"pigeon"}""", 422, "kind", "webhook")]
    [TestCase("""{"address":"URL","traits":[""]}""", 422, "traits", "names")]
    [TestCase("""{"address":"URL","start":"yesterday"}""", 422, "start", "first")]
    [TestCase("""{"address":"URL","start":"99999999"}""", 422, "start", "after the newest")]
    [TestCase("""{"address":"URL","id":"No Blanks"}""", 422, "id", "small letters")]
    [TestCase("""{"adress":"URL"}""", 400, "adress", "no such field")]
    [TestCase("""[]""", 400, "body", "JSON object")]
    [TestCase("""{""", 400, "body", "JSON object")]
    public async Task A_mistake_is_answered_with_the_name_of_its_field(string body, int status, string field, string told)
    {
        var refused = await _shop.RefusedAsync(HttpMethod.Post, "/api/subscriptions", body.Replace("URL", _receiver.Url, StringComparison.Ordinal).Replace("LONG", LongHost, StringComparison.Ordinal));

        Assert.That((refused.Status, refused.Parameter), Is.EqualTo((status, field)), refused.Detail);
        Assert.That(refused.Detail, Does.Contain(told).And.Not.Contain("hunter2").And.Not.Contain("ann:secret"));
        Assert.That((await _shop.Server.GetAsync("/api/subscriptions")).GetProperty("items").GetArrayLength(), Is.Zero);
    }

    [TestCase("redeliver", "{}", 422, "start")]
    [TestCase("redeliver", """{"start":"-1"}""", 422, "start")]
    [TestCase("rotate", """{"secret":"x"}""", 422, "secret")]
    [TestCase("rotate", """{"keepHours":1000}""", 422, "keepHours")]
    [TestCase("pause", """{"why":"x"}""", 400, "why")]
    public async Task So_is_one_in_what_is_done_to_it(string action, string body, int status, string field)
    {
        await _shop.SubscribeAsync(new { id = "s", address = _receiver.Url });

        var refused = await _shop.RefusedAsync(HttpMethod.Post, $"/api/subscriptions/s/{action}", body);

        Assert.That((refused.Status, refused.Parameter), Is.EqualTo((status, field)), refused.Detail);
    }

    [TestCase("GET", "")]
    [TestCase("DELETE", "")]
    [TestCase("POST", "/pause")]
    [TestCase("POST", "/resume")]
    [TestCase("POST", "/test")]
    [TestCase("POST", "/rotate")]
    [TestCase("GET", "/deliveries")]
    public async Task One_that_is_not_there_is_not_found(string method, string path)
    {
        var refused = await _shop.RefusedAsync(new HttpMethod(method), $"/api/subscriptions/none{path}", "{}");

        Assert.That((refused.Status, refused.Parameter), Is.EqualTo((404, "id")));
    }

    [Test]
    public async Task An_id_is_taken_once()
    {
        await _shop.SubscribeAsync(new { id = "s", address = _receiver.Url });

        var refused = await _shop.RefusedAsync(HttpMethod.Post, "/api/subscriptions", JsonSerializer.Serialize(new { id = "s", address = _receiver.Url }));

        Assert.That((refused.Status, refused.Parameter), Is.EqualTo((409, "id")));
    }

    [Test]
    public async Task It_is_shown_as_it_was_asked_for_and_never_with_its_secret()
    {
        var asked = new
        {
            id = "s", address = _receiver.Url, secret = Secret, shape = "segment", concurrency = 3, batchSize = 4, timeoutSeconds = 5, traits = new[] { "city" },
            filter = new { segment = new[] { "vips" }, cause = new[] { "time" } },
        };
        Assert.That((await _shop.SubscribeAsync(asked)).GetProperty("secret").GetString(), Is.EqualTo(Secret));

        var shown = await _shop.ShowAsync();

        Assert.That(shown.GetProperty("filter").GetRawText(), Is.EqualTo("""{"key":[],"type":[],"cause":["time"],"segment":["vips"],"category":[]}"""));
        foreach (var (name, value) in new[] { ("address", _receiver.Url), ("kind", "webhook"), ("shape", "segment"), ("state", "active"), ("concurrency", "3"), ("batchSize", "4"), ("timeoutSeconds", "5") })
            Assert.That(shown.GetProperty(name).ToString(), Is.EqualTo(value));
        await _shop.DoAsync(HttpMethod.Post, "/api/subscriptions/s/test");
        foreach (var path in new[] { "", "/s", "/s/deliveries" })
            Assert.That((await _shop.Server.GetAsync($"/api/subscriptions{path}")).GetRawText(), Does.Not.Contain("whsec_").And.Not.Contain(Secret[6..]));
    }

    [Test]
    public async Task A_secret_is_replaced_without_a_gap()
    {
        var first = (await _shop.SubscribeAsync(new { id = "s", address = _receiver.Url, secret = Secret })).GetProperty("secret").GetString()!;
        var second = (await _shop.DoAsync(HttpMethod.Post, "/api/subscriptions/s/rotate")).GetProperty("secret").GetString()!;
        var before = _receiver.All.Count;
        await _shop.DoAsync(HttpMethod.Post, "/api/subscriptions/s/test");
        var third = (await _shop.DoAsync(HttpMethod.Post, "/api/subscriptions/s/rotate", new { keepHours = 0 })).GetProperty("secret").GetString()!;
        await _shop.DoAsync(HttpMethod.Post, "/api/subscriptions/s/test");

        var tests = _receiver.All.Skip(before).Select(each => each.Signature.Split(' ').Length);

        Assert.That(new[] { first, second, third }, Is.Unique);
        Assert.That(tests, Is.EqualTo(new[] { 2, 1 }), "both, and then the last alone");
    }

    [Test]
    public async Task However_often_it_is_replaced_three_before_it_are_kept()
    {
        await _shop.SubscribeAsync(new { id = "s", address = _receiver.Url });
        for (var i = 0; i < 6; i++)
            await _shop.DoAsync(HttpMethod.Post, "/api/subscriptions/s/rotate", new { keepHours = 168 });

        Assert.That((await _shop.ShowAsync()).GetProperty("secretsEndAt").GetArrayLength(), Is.EqualTo(4));
    }

    [Test]
    public async Task What_is_paused_gets_nothing_and_then_everything()
    {
        await _shop.SubscribeAsync(new { id = "s", address = _receiver.Url });
        var paused = await _shop.DoAsync(HttpMethod.Post, "/api/subscriptions/s/pause", new { reason = "moving house" });
        Assert.That((paused.GetProperty("state").GetString(), paused.GetProperty("reason").GetString()), Is.EqualTo(("paused", "moving house")));
        var before = _receiver.Taken.Count;
        await _shop.TellAsync("paul", "tier", "low");
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.That(_receiver.Taken, Has.Count.EqualTo(before));

        await _shop.DoAsync(HttpMethod.Post, "/api/subscriptions/s/resume");
        await _shop.TellAsync("paul", "tier", "high");
        await _shop.CaughtUpAsync();

        Assert.That(_receiver.Taken.Skip(before).SelectMany(each => each.ChangeIds), Is.EqualTo(new[] { "paul:tag:1", "paul:tag:2" }));
    }

    [Test]
    public async Task Changes_are_delivered_again_from_a_position_with_the_same_ids()
    {
        await _shop.SubscribeAsync(new { id = "s", address = _receiver.Url, concurrency = 1 });
        var position = (await _shop.ShowAsync()).GetProperty("position").GetString();
        var before = _receiver.Taken.Count;
        await _shop.TellAsync("rita", "tier", "low");
        await _shop.TellAsync("rita", "tier", "high");
        await _shop.CaughtUpAsync();

        await _shop.DoAsync(HttpMethod.Post, "/api/subscriptions/s/redeliver", new { start = position });
        await _receiver.TakenAsync(before + 4);

        var delivered = _receiver.Taken.Skip(before).Select(each => each.Id).ToList();
        var (once, again) = (delivered[..2], delivered[2..]);
        Assert.That(again, Is.EqualTo(once));
    }

    [Test]
    public async Task What_it_asks_for_can_be_replaced()
    {
        await using var other = await WebhookReceiver.StartAsync();
        await _shop.SubscribeAsync(new { id = "s", address = _receiver.Url });
        await _shop.DoAsync(HttpMethod.Put, "/api/subscriptions/s", new { address = other.Url, filter = new { type = new[] { "tag.added" } } });
        await _shop.TellAsync("rob", "tier", "low");
        await _shop.TellAsync("rob", "tier", "high");
        await _shop.CaughtUpAsync();

        Assert.That((await other.TakenAsync(1)).SelectMany(each => each.ChangeIds), Is.EqualTo(new[] { "rob:tag:1" }));
        Assert.That((await _shop.RefusedAsync(HttpMethod.Put, "/api/subscriptions/none", JsonSerializer.Serialize(new { address = other.Url }))).Status, Is.EqualTo(404));
    }

    [Test]
    public async Task A_test_says_what_came_of_it_and_stands_in_the_log()
    {
        await _shop.SubscribeAsync(new { id = "s", address = _receiver.Url });
        var taken = await _shop.DoAsync(HttpMethod.Post, "/api/subscriptions/s/test");
        _receiver.Answer = (_, _) => Task.FromResult(503);
        var refused = await _shop.DoAsync(HttpMethod.Post, "/api/subscriptions/s/test");
        _receiver.Answer = (_, _) => Task.FromResult(204);

        Assert.That((taken.GetProperty("delivered").GetBoolean(), taken.GetProperty("status").GetInt32()), Is.EqualTo((true, 204)));
        Assert.That((refused.GetProperty("delivered").GetBoolean(), refused.GetProperty("error").GetString()), Is.EqualTo((false, "answered 503")));
        var log = await _shop.Server.GetAllAsync("/api/subscriptions/s/deliveries", limit: 1);
        Assert.That(log.Select(each => each.GetProperty("messageId").GetString()), Is.EqualTo(new[] { refused, taken }.Select(each => each.GetProperty("messageId").GetString())));
        Assert.That(_receiver.All[^1].Json.GetProperty("type").GetString(), Is.EqualTo("tagging.test"));
    }

    [Test]
    public async Task The_log_tells_what_was_sent()
    {
        await _shop.SubscribeAsync(new { id = "s", address = _receiver.Url });
        await _shop.TellAsync("lea", "tier", "low");
        JsonElement first = default;
        await Eventually.HoldsAsync("it is logged", TimeSpan.FromSeconds(30), async () =>
        {
            var items = (await _shop.Server.GetAsync("/api/subscriptions/s/deliveries")).GetProperty("items");
            return items.GetArrayLength() == 1 && (first = items[0]).ValueKind == JsonValueKind.Object;
        });

        Assert.That(first.GetProperty("changes")[0].GetString(), Is.EqualTo("lea:tag:1"));
        Assert.That(first.GetProperty("messageId").GetString(), Is.EqualTo(_receiver.Taken[^1].Id));
        Assert.That((first.GetProperty("attempt").GetInt32(), first.GetProperty("status").GetInt32(), first.GetProperty("delivered").GetBoolean()), Is.EqualTo((1, 204, true)));
    }
}
