using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Pipeline.Specs.Doubles;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Projection;

/// <summary><c>/api/rulebook</c>: publishing, history, differences, going back, and how far existing customers are.</summary>
public sealed class WhenRulebooksArePublished
{
    private const string First = """
        rulebook: shop
        tags:
          - { key: vip, category: value, when: "count(purchase) >= 2" }
        segments:
          - { key: best, when: tag(vip) }
        """;

    private static readonly string Second = First.Replace(">= 2", ">= 3", StringComparison.Ordinal);
    private static readonly string Third = First.Replace("when: tag(vip)", "when: not tag(vip)", StringComparison.Ordinal);

    private QueryServer _server;

    [SetUp]
    public async Task SetUp() => _server = await PublishedServer.StartAsync(First);

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [Test]
    public async Task One_put_as_yaml_is_a_new_version_and_in_force()
    {
        var (status, answer) = await PutAsync(Second);

        Assert.That((status, answer.GetProperty("published").GetBoolean()), Is.EqualTo((200, true)));
        Assert.That(answer.GetProperty("differences").EnumerateArray().Select(each => each.GetProperty("text").GetString()), Is.EqualTo(new[] { "vip: threshold 2 → 3" }));
        Assert.That(answer.GetProperty("differences")[0].GetRawText(), Is.EqualTo("""{"kind":"changed","of":"tag","key":"vip","text":"vip: threshold 2 → 3"}"""));
        var rulebook = await _server.GetAsync("/api/rulebook");
        Assert.That((rulebook.GetProperty("number").GetInt64(), rulebook.GetProperty("author").GetString(), rulebook.GetProperty("source").GetString()), Is.EqualTo((2, "api", "api")));
        Assert.That(rulebook.GetProperty("publishedAt").GetDateTimeOffset(), Is.EqualTo(ToldCustomer.Start));
        Assert.That(rulebook.GetProperty("tags")[0].GetProperty("rule").GetString(), Is.EqualTo("count(purchase) >= 3"));
    }

    [Test]
    public async Task One_put_as_json_says_who_and_why()
    {
        var (status, answer) = await PutJsonAsync(new { content = Second, author = "anna", message = "Too many VIPs" });

        Assert.That(status, Is.EqualTo(200), answer.GetRawText());
        var version = await _server.GetAsync("/api/rulebook/versions/2");
        Assert.That((version.GetProperty("author").GetString(), version.GetProperty("message").GetString(), version.GetProperty("content").GetString()), Is.EqualTo(("anna", "Too many VIPs", Second)));
        Assert.That(version.GetProperty("version").GetString(), Does.Match("^shop@[0-9a-f]{12}$"));
    }

    [Test]
    public async Task What_is_in_force_already_is_no_new_version()
    {
        var (status, answer) = await PutAsync("# A comment\n" + First);

        Assert.That((status, answer.GetProperty("published").GetBoolean(), answer.GetProperty("version").GetProperty("number").GetInt64()), Is.EqualTo((200, false, 1)));
        Assert.That((await VersionsAsync()).Count, Is.EqualTo(1));
    }

    [Test]
    public async Task With_an_expected_version_nothing_is_published_over_another()
    {
        await PutAsync(Second);

        var (refused, problem) = await PutAsync(Third, "?expected=1");
        Assert.That((refused, problem.GetProperty("parameter").GetString()), Is.EqualTo((412, "expected")));
        Assert.That(problem.GetProperty("detail").GetString(), Is.EqualTo("expected: not version 1 is in force, but 2: nothing was published"));
        Assert.That((await PutAsync(Third, "?expected=2")).Status, Is.EqualTo(200));
        Assert.That((await PutAsync(Third, "?expected=2")).Answer.GetProperty("published").GetBoolean(), Is.False, "sent again because the answer was lost");
        Assert.That((await VersionsAsync()).Count, Is.EqualTo(3));
    }

    [Test]
    public async Task What_is_expected_is_what_was_looked_at_too()
    {
        var versions = VersionsInMemory.Of(First);
        await using var server = await QueryServer.StartAsync(
            RulebookFile.Compile(First).Rulebook!, services => services.AddSingleton<IRulebookVersions>(versions).AddSingleton(versions.At(1)));
        // Somebody else publishes while it is looked who would move.
        versions.AfterLatest = () =>
        {
            versions.AfterLatest = () => { };
            versions.Publish(Second);
        };

        using var response = await server.Client.PutAsync("/api/rulebook?expected=2", new StringContent(Third, Encoding.UTF8, "text/yaml"));

        Assert.That((int)response.StatusCode, Is.EqualTo(412), "it was looked at over version 1");
        Assert.That(await versions.FindAsync(3, CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task Of_many_at_once_each_is_a_version()
    {
        var answers = await Task.WhenAll(Enumerable.Range(10, 8).Select(count => PutAsync(First.Replace(">= 2", $">= {count}", StringComparison.Ordinal))));

        Assert.That(answers.Select(answer => answer.Status), Is.All.EqualTo(200));
        Assert.That(answers.Select(answer => answer.Answer.GetProperty("version").GetProperty("number").GetInt64()).Order(), Is.EqualTo(Enumerable.Range(2, 8)));
        Assert.That((await _server.GetAsync("/api/rulebook")).GetProperty("number").GetInt64(), Is.EqualTo(9));
    }

    [Test]
    public async Task Every_error_is_told_with_its_place_and_nothing_is_published()
    {
        var (status, problem) = await PutAsync(First.Replace("count(", "cuont(", StringComparison.Ordinal).Replace("tag(vip)", "tag(vpi)", StringComparison.Ordinal));

        Assert.That(status, Is.EqualTo(422));
        Assert.That(problem.GetProperty("errors").EnumerateArray().Select(error => (error.GetProperty("line").GetInt32(), error.GetProperty("column").GetInt32())), Is.EqualTo(new[] { (3, 41), (5, 28) }));
        Assert.That((await VersionsAsync()).Count, Is.EqualTo(1));
    }

    [TestCase("PUT", "/api/rulebook?expected=x", "CONTENT", 400, "expected")]
    [TestCase("PUT", "/api/rulebook?expected=-1", "CONTENT", 400, "expected")]
    [TestCase("PUT", "/api/rulebook", """{"content": 3}""", 400, "content")]
    [TestCase("PUT", "/api/rulebook", """{"content": "rulebook: x\ntags: []", "author": ""}""", 422, "author")]
    [TestCase("POST", "/api/rulebook/rollback", "no json", 400, "body")]
    [TestCase("POST", "/api/rulebook/rollback", """{"version": "two"}""", 400, "version")]
    [TestCase("POST", "/api/rulebook/rollback", "{}", 422, "version")]
    [TestCase("POST", "/api/rulebook/rollback", """{"version": 7}""", 404, "version")]
    [TestCase("GET", "/api/rulebook/versions?limit=0", null, 400, "limit")]
    [TestCase("GET", "/api/rulebook/versions?after=x", null, 400, "after")]
    [TestCase("GET", "/api/rulebook/versions/7", null, 404, "number")]
    [TestCase("GET", "/api/rulebook/versions/one", null, 404, "number")]
    [TestCase("GET", "/api/rulebook/versions/7/diff?to=1", null, 404, "number")]
    [TestCase("GET", "/api/rulebook/versions/1/diff?to=7", null, 404, "to")]
    [TestCase("GET", "/api/rulebook/versions/1/diff?to=x", null, 400, "to")]
    public async Task Wrong_input_is_named(string method, string path, string? body, int expected, string parameter)
    {
        using var request = new HttpRequestMessage(new(method), path);
        if (body is not null)
            request.Content = new StringContent(body == "CONTENT" ? Second : body, Encoding.UTF8, body == "CONTENT" ? "text/yaml" : "application/json");
        using var response = await _server.Client.SendAsync(request);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.That((int)response.StatusCode, Is.EqualTo(expected), answer.GetRawText());
        Assert.That(answer.GetProperty("parameter").GetString(), Is.EqualTo(parameter));
        Assert.That((await VersionsAsync()).Count, Is.EqualTo(1));
    }

    [Test]
    public async Task The_history_is_listed_from_the_latest_back_and_compared()
    {
        await PutAsync(Second);
        await PutAsync(Third);

        Assert.That((await VersionsAsync(limit: 2)).Select(version => version.GetProperty("number").GetInt64()), Is.EqualTo(new[] { 3, 2, 1 }));
        Assert.That(await DiffAsync("1/diff?to=3"), Is.EqualTo(new[] { "segment best: `tag(vip)` → `not tag(vip)`" }));
        Assert.That(await DiffAsync("2/diff"), Is.EqualTo(new[] { "vip: threshold 3 → 2", "segment best: `tag(vip)` → `not tag(vip)`" }), "to the one in force");
        Assert.That(await DiffAsync("2/diff?to=2"), Is.Empty);
    }

    [Test]
    public async Task Going_back_publishes_the_earlier_content_again()
    {
        await PutAsync(Second);

        var (status, answer) = await PostAsync("/api/rulebook/rollback", new { version = 1, message = "too few", author = "ben" });

        Assert.That((status, answer.GetProperty("published").GetBoolean()), Is.EqualTo((200, true)));
        Assert.That(answer.GetProperty("differences")[0].GetProperty("text").GetString(), Is.EqualTo("vip: threshold 3 → 2"));
        var versions = await VersionsAsync();
        Assert.That(versions.Select(version => version.GetProperty("source").GetString()), Is.EqualTo(new[] { "rollback of 1", "api", "file" }));
        Assert.That(versions[0].GetProperty("version").GetString(), Is.EqualTo(versions[2].GetProperty("version").GetString()), "the same content");
        Assert.That((versions[0].GetProperty("author").GetString(), versions[0].GetProperty("message").GetString()), Is.EqualTo(("ben", "too few")));
    }

    [Test]
    public async Task Progress_is_counted_and_a_pause_is_kept_in_the_store_for_the_version_in_force()
    {
        await _server.ProjectAsync(new ToldCustomer("ann").Tells(("vip", true)), new ToldCustomer("bob").Tells());
        var (_, paused) = await PostAsync("/api/rulebook/rollover/pause", new { });
        Assert.That((paused.GetProperty("paused").GetBoolean(), paused.GetProperty("number").GetInt64()), Is.EqualTo((true, 1)));
        Assert.That(await _server.Services.GetRequiredService<IRulebookVersions>().PausedAsync(CancellationToken.None), Is.EqualTo(1));

        await PutAsync(Third);
        var begun = await _server.GetAsync("/api/rulebook/rollover");
        Assert.That((begun.GetProperty("paused").GetBoolean(), begun.GetProperty("number").GetInt64()), Is.EqualTo((false, 2)), "it was of another version");
        await Processes.Eventually.HoldsAsync("all are through", TimeSpan.FromSeconds(20), async () => Left(await _server.GetAsync("/api/rulebook/rollover")) == 0);
        var done = await _server.GetAsync("/api/rulebook/rollover");
        Assert.That(done.GetProperty("segments").GetRawText(), Is.EqualTo("""{"all":2,"left":0,"perSecond":null,"secondsLeft":null}"""));
        Assert.That(done.GetProperty("begunAt").GetDateTimeOffset(), Is.EqualTo(ToldCustomer.Start));

        await PostAsync("/api/rulebook/rollover/pause", new { });
        await PostAsync("/api/rulebook/rollover/resume", new { });
        Assert.That(await _server.Services.GetRequiredService<IRulebookVersions>().PausedAsync(CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task Views_wait_while_it_is_paused_and_what_is_told_meanwhile_comes_under_the_version_in_force()
    {
        var (ann, bob) = (new ToldCustomer("ann"), new ToldCustomer("bob"));
        await _server.ProjectAsync(ann.Tells(("vip", true)), bob.Tells(("vip", true)));
        _server.Services.GetRequiredService<RolloverPause>().Set(2);
        await PutAsync(Third);
        ann.DecidedBy = _server.Services.GetRequiredService<CurrentRulebook>().Value.DecidesAs;

        await _server.ProjectAsync(ann.Tells(("vip", null)));
        await Task.Delay(TimeSpan.FromSeconds(1));
        var waiting = await _server.GetAsync("/api/rulebook/rollover");
        Assert.That((waiting.GetProperty("paused").GetBoolean(), Left(waiting)), Is.EqualTo((true, 1)));
        Assert.That((await _server.GetAsync("/api/segments/best/members")).GetProperty("items").EnumerateArray().Select(member => member.GetProperty("customer").GetString()), Is.EqualTo(new[] { "ann", "bob" }));

        _server.Services.GetRequiredService<RolloverPause>().Set(null);
        await Processes.Eventually.HoldsAsync("all are through", TimeSpan.FromSeconds(20), async () => Left(await _server.GetAsync("/api/rulebook/rollover")) == 0);
        Assert.That((await _server.GetAsync("/api/segments/best/members")).GetProperty("items").EnumerateArray().Select(member => member.GetProperty("customer").GetString()), Is.EqualTo(new[] { "ann" }));
    }

    [Test]
    public async Task Over_a_version_that_is_not_understood_here_it_is_published_and_it_is_said_that_differences_are_not_told()
    {
        var versions = _server.Services.GetRequiredService<IRulebookVersions>();
        var newer = new RulebookVersion(2, "shop", "0123456789ab", "newer software", "", RulebookVersion.OfApi, NodaTime.Instant.FromDateTimeOffset(ToldCustomer.Start));
        Assert.That(await versions.AppendAsync(new(newer, "rulebook: shop\nwhat-comes-later: 1"), CancellationToken.None));

        var (status, answer) = await PutAsync(Second, "?confirmed=true");

        Assert.That((status, answer.GetProperty("published").GetBoolean(), answer.GetProperty("differences").GetArrayLength()), Is.EqualTo((200, true, 0)), answer.GetRawText());
        Assert.That(answer.GetProperty("note").GetString(), Does.StartWith("version 2 of the rulebook cannot be read here"));
        Assert.That((await PutAsync(Third, "?confirmed=true")).Answer.GetProperty("note").ValueKind, Is.EqualTo(JsonValueKind.Null));
        foreach (var (path, parameter) in ((string, string)[])[("2/diff?to=1", "number"), ("1/diff?to=2", "to"), ("2/diff", "number")])
        {
            var problem = await _server.GetProblemAsync($"/api/rulebook/versions/{path}");
            Assert.That((problem.Status, problem.Parameter), Is.EqualTo((422, parameter)), problem.Detail);
            Assert.That(problem.Detail, Does.Contain("version 2 of the rulebook cannot be read here"));
        }
    }

    private static long Left(JsonElement rollover) => rollover.GetProperty("segments").GetProperty("left").GetInt64();

    private async Task<List<JsonElement>> VersionsAsync(int limit = 10) => await _server.GetAllAsync("/api/rulebook/versions", limit);

    private async Task<string[]> DiffAsync(string path) =>
        [.. (await _server.GetAsync($"/api/rulebook/versions/{path}")).GetProperty("items").EnumerateArray().Select(each => each.GetProperty("text").GetString()!)];

    private async Task<(int Status, JsonElement Answer)> PutAsync(string yaml, string query = "")
    {
        using var response = await _server.Client.PutAsync("/api/rulebook" + query, new StringContent(yaml, Encoding.UTF8, "text/yaml"));
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    private async Task<(int Status, JsonElement Answer)> PutJsonAsync(object body)
    {
        using var response = await _server.Client.PutAsJsonAsync("/api/rulebook", body);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    private async Task<(int Status, JsonElement Answer)> PostAsync(string path, object body)
    {
        using var response = await _server.Client.PostAsJsonAsync(path, body);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }
}
