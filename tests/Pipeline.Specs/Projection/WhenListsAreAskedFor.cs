using System.Net;
using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Pipeline.Specs.Projection;

public sealed class WhenListsAreAskedFor
{
    private readonly Rulebook _rulebook = Rulebooks.WithSegments(("best", "tag(vip)"), ("empty", "tag(at-risk)"));
    private QueryServer _server;

    [SetUp]
    public async Task SetUp()
    {
        _server = await QueryServer.StartAsync(_rulebook);
        await _server.ProjectAsync([.. Enumerable.Range(1, 7).Select(i => new ToldCustomer($"c{i}").Tells(("vip", true), ("spent", i % 2 + 0.5m)))]);
    }

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [Test]
    public async Task Tags_are_the_definitions_with_how_many_hold_each_value()
    {
        var page = await _server.GetAsync("/api/tags");

        Assert.That(page.GetProperty("next").ValueKind, Is.EqualTo(JsonValueKind.Null));
        var tags = page.GetProperty("items").EnumerateArray().ToDictionary(tag => tag.GetProperty("key").GetString()!);
        Assert.That(tags["vip"].GetRawText(), Is.EqualTo(
            """{"key":"vip","name":"贵宾","category":"value","tiers":[],"rule":"count(purchase) >= 2","customers":7,"values":[{"value":true,"customers":7}],"description":null,"owner":null,"enabled":true,"group":null,"manual":false,"hold":null,"expires":null}"""));
        Assert.That(tags["spent"].GetProperty("values").GetRawText(), Is.EqualTo("""[{"value":0.5,"customers":3},{"value":1.5,"customers":4}]"""));
        Assert.That(tags["tier"].GetProperty("tiers").GetRawText(), Is.EqualTo("""["high","low"]"""));
        Assert.That(tags["tier"].GetProperty("customers").GetInt64(), Is.Zero);
    }

    [Test]
    public async Task Segments_are_the_definitions_with_how_many_members_they_have()
    {
        var page = await _server.GetAsync("/api/segments");

        Assert.That(page.GetRawText(), Is.EqualTo(
            """{"items":[{"key":"best","name":"best","when":"tag(vip)","members":7},{"key":"empty","name":"empty","when":"tag(at-risk)","members":0}],"next":null}"""));
        Assert.That((await _server.GetAsync("/api/segments/best")).GetProperty("members").GetInt64(), Is.EqualTo(7));
    }

    [Test]
    public async Task Members_come_page_by_page_and_cursors_stay_good_when_members_come_and_go()
    {
        var first = await _server.GetAsync("/api/segments/best/members?limit=3");
        await _server.ProjectAsync(new ToldCustomer("c0").Tells(("vip", true)), new ToldCustomer("c35").Tells(("vip", true)));

        Assert.That(first.GetProperty("items")[0].GetRawText(), Is.EqualTo("""{"customer":"c1","since":"2024-03-01T12:01:00Z"}"""));
        var next = await _server.GetAsync($"/api/segments/best/members?limit=100&after={first.GetProperty("next").GetString()}");
        Assert.That(next.GetProperty("items").EnumerateArray().Select(member => member.GetProperty("customer").GetString()),
            Is.EqualTo(new[] { "c35", "c4", "c5", "c6", "c7" }));
        Assert.That(next.GetProperty("next").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task Members_are_CSV_for_who_accepts_that()
    {
        await _server.ProjectAsync(new ToldCustomer("odd, \"id\"").Tells(("vip", true)));

        var (all, _) = await _server.GetCsvAsync("/api/segments/best/members");
        var (page, headers) = await _server.GetCsvAsync("/api/segments/best/members?limit=2");

        Assert.That(all.Split("\r\n"), Has.Length.EqualTo(10));
        Assert.That(all, Does.EndWith("\"odd, \"\"id\"\"\",2024-03-01T12:01:00Z\r\n"));
        Assert.That(headers.GetValues("Feed-Position").Single(), Is.EqualTo("23"));
        Assert.That(page, Is.EqualTo("customer,since\r\nc1,2024-03-01T12:01:00Z\r\nc2,2024-03-01T12:01:00Z\r\n"));
        Assert.That(headers.GetValues("Link").Single(), Is.EqualTo("</api/segments/best/members?after=23.c2&limit=2>; rel=\"next\""));
    }

    [Test]
    public async Task All_members_of_a_large_segment_are_in_its_CSV_once()
    {
        var many = Enumerable.Range(0, 2000).Select(i => new ToldCustomer($"m{i:0000}")).ToArray();
        await _server.ProjectAsync([.. many.Select(customer => customer.Tells(("vip", true)))]);

        var (all, _) = await _server.GetCsvAsync("/api/segments/best/members");

        Assert.That(all.Split("\r\n"), Has.Length.EqualTo(2000 + 7 + 2).And.Unique);
    }

    [Test]
    public async Task Changes_come_in_the_order_of_the_feed_with_a_cursor_to_wait_behind()
    {
        var all = await _server.GetAllAsync("/api/changes", limit: 4);
        Assert.That(all, Has.Count.EqualTo(21));
        Assert.That(all.Select(change => change.GetProperty("id").GetString()).Take(3), Is.EqualTo(new[] { "c1:tag:1", "c1:tag:2", "c1:segment:1" }));
        Assert.That(all[0].GetProperty("time").GetString(), Is.EqualTo("2024-03-01T12:01:00Z"));

        var last = (await _server.GetAsync("/api/changes")).GetProperty("next").GetString();
        Assert.That((await _server.GetAsync($"/api/changes?after={last}")).GetRawText(), Is.EqualTo("""{"items":[],"next":null}"""));
        await _server.ProjectAsync(new ToldCustomer("c8").Tells(("vip", true)));
        Assert.That((await _server.GetAsync($"/api/changes?after={last}")).GetProperty("items").GetArrayLength(), Is.EqualTo(2));
    }

    [TestCase("key=spent", 7)]
    [TestCase("key=best", 7)]
    [TestCase("type=tag.added", 14)]
    [TestCase("type=segment.entered&key=best&customer=c3", 1)]
    [TestCase("customer=c3", 3)]
    [TestCase("customer=nobody", 0)]
    [TestCase("type=tag.removed", 0)]
    [TestCase("type=tag.removed,tag.added", 14)]
    [TestCase("segment=best&customer=c3", 1)]
    [TestCase("segment=tier", 0)]
    [TestCase("category=value", 14)]
    [TestCase("category=basic,interest", 0)]
    [TestCase("category=value&segment=best", 0)]
    [TestCase("cause=event&type=segment.entered&key=best&customer=c3", 1)]
    [TestCase("cause=time", 0)]
    public async Task Changes_can_be_filtered(string filter, int expected)
    {
        Assert.That(await _server.GetAllAsync($"/api/changes?{filter}", limit: 2), Has.Count.EqualTo(expected));
    }

    [Test]
    public async Task Rejected_events_come_oldest_first()
    {
        await _server.RejectAsync([.. Enumerable.Range(1, 5).Select(i => new RejectedEvent
        {
            Id = $"r{i}", ReceivedAt = ToldCustomer.Start, Code = "bad-kind", Reason = "kind: unknown", Payload = "{\"a\":1}",
        })]);

        var rejected = await _server.GetAllAsync("/api/rejected", limit: 2);

        Assert.That(rejected.Select(item => item.GetProperty("id").GetString()), Is.EqualTo(new[] { "r1", "r2", "r3", "r4", "r5" }));
        Assert.That(rejected[0].GetRawText(), Is.EqualTo(
            """{"id":"r1","receivedAt":"2024-03-01T12:00:00Z","code":"bad-kind","reason":"kind: unknown","messageId":null,"payload":"{\"a\":1}","source":null,"request":null,"steps":null}"""));
    }

    [Test]
    public async Task The_rulebook_in_force_is_told_as_written()
    {
        var rulebook = await _server.GetAsync("/api/rulebook");

        Assert.That(rulebook.GetProperty("name").GetString(), Is.EqualTo("shop"));
        Assert.That(rulebook.GetProperty("version").GetString(), Is.EqualTo(_rulebook.Version));
        Assert.That(rulebook.GetProperty("timezone").GetString(), Is.EqualTo("UTC"));
        Assert.That(rulebook.GetProperty("tags")[2].GetProperty("rule").GetString(), Is.EqualTo("exists(purchase) and none(purchase, 30d)"));
        Assert.That(rulebook.GetProperty("segments")[0].GetRawText(), Is.EqualTo("""{"key":"best","name":"best","when":"tag(vip)"}"""));
    }

    [TestCase("/api/segments/bets", 404, "key", "did you mean `best`?")]
    [TestCase("/api/segments/bets/members", 404, "key", "did you mean `best`?")]
    [TestCase("/api/segments/best/members?limit=1001", 400, "limit", "from 1 to 1000")]
    [TestCase("/api/segments?at=2024-01-01T00:00:00Z", 400, "at", "as of an earlier instant")]
    [TestCase("/api/changes?after=x", 400, "after", "`x` is not a cursor")]
    [TestCase("/api/changes?after=4000", 400, "after", "the feed has not come to 4000 yet")]
    [TestCase("/api/changes?after=4000&customer=ann", 400, "after", "the feed has not come to 4000 yet")]
    [TestCase("/api/changes?cause=luck", 400, "cause", "`luck` is none of event")]
    [TestCase("/api/changes?category=value,misc", 400, "category", "`misc` is none of basic")]
    [TestCase("/api/changes?segment=", 400, "segment", "it names nothing")]
    [TestCase("/api/changes?key=,", 400, "key", "it names nothing")]
    [TestCase("/api/dead-letters?after=x", 400, "after", "`x` is not the id of a dead letter")]
    [TestCase("/api/changes?type=tag.lost", 400, "type", "segment.exited")]
    [TestCase("/api/rejected?limit=", 400, "limit", "from 1 to 1000")]
    public async Task What_cannot_be_answered_is_a_problem_that_names_the_parameter(string path, int status, string parameter, string hint)
    {
        var problem = await _server.GetProblemAsync(path);

        Assert.That((problem.Status, problem.Parameter), Is.EqualTo((status, parameter)));
        Assert.That(problem.Detail, Does.Contain(hint));
    }

    [TestCase(null)]
    [TestCase("Bearer wrong")]
    [TestCase("Bearer")]
    [TestCase("Bearer a-key,another-key")]
    [TestCase("Basic YS1rZXk6")]
    public async Task Without_a_key_nothing_is_answered(string? authorization)
    {
        string[] paths =
        [
            "/api/customers/c1", "/api/tags", "/api/segments", "/api/segments/best/members?at=x", "/api/segments/best/history", "/api/segments/best/changes",
            "/api/segments/best/overlap", "/api/snapshot", "/api/changes?limit=0", "/api/rejected", "/api/rulebook",
        ];
        foreach (var path in paths)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            _server.Client.DefaultRequestHeaders.Authorization = null;
            if (authorization is not null)
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
            using var response = await _server.Client.SendAsync(request);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), path);
            Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
            Assert.That(response.Headers.WwwAuthenticate.ToString(), Is.EqualTo("Bearer"));
        }
    }

    [Test]
    public async Task Any_of_the_keys_will_do()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/tags");
        request.Headers.Authorization = new("bearer", "another-key");
        using var response = await _server.Client.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task The_OpenAPI_document_lists_every_path_with_its_parameters()
    {
        _server.Client.DefaultRequestHeaders.Authorization = null;
        var document = await _server.GetAsync("/openapi/v1.json");

        Assert.That(document.GetProperty("openapi").GetString(), Does.StartWith("3."));
        var paths = document.GetProperty("paths");
        Assert.That(paths.EnumerateObject().Select(path => path.Name), Is.SupersetOf(new[]
        {
            "/api/customers/{id}", "/api/customers/{id}/tags", "/api/customers/{id}/tags/{key}", "/api/customers/{id}/tags/{key}/release", "/api/customers/{id}/events", "/api/customers/{id}/changes", "/api/tags", "/api/segments",
            "/api/segments/{key}", "/api/segments/{key}/members", "/api/segments/{key}/history", "/api/segments/{key}/changes", "/api/segments/{key}/overlap", "/api/snapshot", "/api/changes", "/api/rejected", "/api/rulebook",
            "/api/rejected/groups", "/api/rejected/{id}", "/api/rejected/preview", "/api/rejected/resubmit",
            "/api/subscriptions", "/api/subscriptions/{id}", "/api/subscriptions/{id}/deliveries", "/api/subscriptions/{id}/pause", "/api/subscriptions/{id}/resume", "/api/subscriptions/{id}/redeliver",
            "/api/subscriptions/{id}/rotate", "/api/subscriptions/{id}/test",
            "/api/replays", "/api/replays/{id}", "/api/replays/{id}/differences", "/api/replays/{id}/pause", "/api/replays/{id}/resume", "/api/replays/{id}/cancel", "/api/digest",
            "/api/changes/stream", "/api/queues", "/api/queues/{name}", "/api/dead-letters", "/api/dead-letters/groups", "/api/dead-letters/{id}", "/api/dead-letters/{id}/redrive", "/api/dead-letters/redrive",
        }));
        foreach (var path in paths.EnumerateObject().Where(path => path.Name.StartsWith("/api/", StringComparison.Ordinal)))
        {
            foreach (var (method, operation) in path.Value.EnumerateObject().Select(operation => (operation.Name, operation.Value)))
            {
                var success = (path.Name, method) switch { ("/api/subscriptions", "post") => "201", ("/api/replays", "post") => "202", ("/api/subscriptions/{id}" or "/api/queues/{name}" or "/api/dead-letters/{id}" or "/api/rejected/{id}", "delete") => "204", _ => "200" };
                Assert.That(operation.GetProperty("summary").GetString(), Is.Not.Empty);
                Assert.That(operation.GetProperty("security")[0].TryGetProperty("apiKey", out _), path.Name);
                Assert.That(operation.GetProperty("responses").EnumerateObject().Select(answer => answer.Name), Is.SupersetOf(new[] { success, "400", "401" }), path.Name);
            }
        }

        var members = paths.GetProperty("/api/segments/{key}/members").GetProperty("get");
        Assert.That(members.GetProperty("parameters").EnumerateArray().Select(parameter => parameter.GetProperty("name").GetString()),
            Is.EquivalentTo(new[] { "key", "after", "limit", "at", "by", "verify" }));
        Assert.That(members.GetProperty("responses").GetProperty("200").GetProperty("content").EnumerateObject().Select(content => content.Name),
            Is.EqualTo(new[] { "application/json", "text/csv", "application/x-ndjson" }));
        Assert.That(document.GetProperty("components").GetProperty("securitySchemes").GetProperty("apiKey").GetProperty("scheme").GetString(), Is.EqualTo("bearer"));
    }
}
