using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using NodaTime;
using TaggingPipeline.Pipeline.Specs.CommandLine;
using TaggingPipeline.Pipeline.Specs.Evaluation;
using TaggingPipeline.Pipeline.Specs.Projection;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Previews;

/// <summary>Over HTTP, and by the command.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class WhenAPreviewIsAskedFor : IDisposable
{
    private const string InForce = """
        rulebook: shop
        tags:
          - key: spender
            category: value
            when: sum(purchase.total) >= 10
        segments:
          - key: good
            when: tag(spender)
        """;

    private const string Candidate = """
        rulebook: shop
        tags:
          - key: spender
            category: value
            when: sum(purchase.total) >= 25
        segments:
          - key: good
            when: tag(spender)
          - key: others
            when: not tag(spender)
        """;

    private readonly CommandRun _run = new();
    private QueryServer _server;

    /// <summary>Ann spent 10, Bob 20 and Cid 30.</summary>
    [SetUp]
    public async Task SetUp()
    {
        _server = await QueryServer.StartAsync(RulebookFile.Compile(InForce).Rulebook!);
        foreach (var (customer, total) in ((string, decimal)[])[("ann", 10), ("bob", 20), ("cid", 30)])
            await _server.CommitAsync(SmallShop.Purchase("1", customer, total, Instant.FromDateTimeOffset(ToldCustomer.Start)));
        (_run.Variables["TAGGING_URL"], _run.Variables["TAGGING_API_KEY"]) = (_server.Client.BaseAddress!.ToString(), QueryServer.Key);
    }

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    public void Dispose() => _run.Dispose();

    [TestCase("text/yaml")]
    [TestCase("application/json")]
    public async Task Tags_and_segments_are_counted_with_examples(string mediaType)
    {
        var body = mediaType == "text/yaml" ? Candidate : JsonSerializer.Serialize(new { content = Candidate });
        var preview = await PostAsync("/api/rulebook/preview?examples=1", body, mediaType);

        Assert.That(preview.GetProperty("exact").GetBoolean());
        Assert.That(Row(preview, "tags", "spender"), Is.EqualTo("3 1 0 2 0 1"));
        Assert.That(Row(preview, "segments", "good"), Is.EqualTo("3 1 0 2 0 1"));
        Assert.That(Row(preview, "segments", "others"), Is.EqualTo("0 2 2 0 0 0"));
        var example = preview.GetProperty("tags")[0].GetProperty("examples").EnumerateArray().Single();
        Assert.That((example.GetProperty("customer").GetString(), example.GetProperty("move").GetString()), Is.EqualTo(("ann", "leaves")));
        Assert.That(example.GetProperty("reason").GetProperty("text").GetString(), Does.Contain("sum(purchase.total) >= 25"));
        Assert.That(preview.GetProperty("needsConfirmation").EnumerateArray().Select(key => key.GetString()), Is.EqualTo(new[] { "good" }), "new segments change nothing that there was");
    }

    [TestCase("", "text/yaml", 400, "body")]
    [TestCase("rulebook: [", "text/yaml", 422, "content")]
    [TestCase("{}", "application/json", 400, "content")]
    [TestCase("""{"contents":"rulebook: x"}""", "application/json", 400, "contents")]
    [TestCase("{", "application/json", 400, "body")]
    public async Task A_body_that_is_no_rulebook_is_refused(string body, string mediaType, int status, string parameter) =>
        Assert.That(await ProblemAsync("/api/rulebook/preview", body, mediaType), Is.EqualTo((status, parameter)));

    [TestCase("/api/rulebook/preview?sample=0", "sample")]
    [TestCase("/api/rulebook/preview?sample=many", "sample")]
    [TestCase("/api/rulebook/preview?examples=101", "examples")]
    [TestCase("/api/rulebook/preview/movers", "tag")]
    [TestCase("/api/rulebook/preview/movers?tag=spender&segment=good", "tag")]
    [TestCase("/api/rulebook/preview/movers?tag=spendr", "tag")]
    [TestCase("/api/rulebook/preview/movers?segment=goods", "segment")]
    public async Task A_wrong_parameter_is_named(string path, string parameter) => Assert.That(await ProblemAsync(path, Candidate, "text/yaml"), Is.EqualTo((400, parameter)));

    [Test]
    public async Task Every_error_of_the_rulebook_comes_with_its_place()
    {
        var broken = Candidate.Replace(">= 25", ">< 25", StringComparison.Ordinal).Replace("not tag(spender)", "tag(spendr)", StringComparison.Ordinal);
        using var response = await _server.Client.PostAsync("/api/rulebook/preview", new StringContent(broken, Encoding.UTF8, "text/yaml"));
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.That(problem.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("line").GetInt32()), Is.EqualTo(new[] { 5, 10 }), problem.GetRawText());
    }

    [Test]
    public async Task The_command_shows_who_would_move()
    {
        var file = _run.Write("candidate.yaml", Candidate);

        var ending = await _run.RunAsync("rules", "preview", file, "--examples", "1");

        Assert.That(ending.ExitCode, Is.Zero, ending.Error);
        Assert.That(ending.Output, Does.Contain("ann leaves spender: sum(purchase.total) >= 25: 10 of 25").And.Contain("3 customers, all looked at").And.Contain("--token"));
    }

    [Test]
    public async Task The_command_lists_all_who_would_move()
    {
        var file = _run.Write("candidate.yaml", Candidate);

        var ending = await _run.RunAsync("rules", "preview", file, "--segment", "others", "--format", "csv");

        Assert.That(ending.Output.Split('\n')[1..3].Select(line => line.Split(',')[..2]), Is.EqualTo(new[] { new[] { "ann", "enters" }, ["bob", "enters"] }), ending.Error);
    }

    [Test]
    public async Task The_command_tells_what_is_wrong_with_the_file()
    {
        var file = _run.Write("candidate.yaml", "rulebook: shop\ntags: none");

        var ending = await _run.RunAsync("rules", "preview", file);

        Assert.That((ending.ExitCode, ending.Error), Is.EqualTo((1, ending.Error)));
        Assert.That(ending.Error, Does.Contain("candidate.yaml:2:7"));
    }

    [Test]
    public async Task What_changes_much_of_a_segment_is_published_only_when_it_is_confirmed()
    {
        var (status, refusal) = await PutAsync("", Candidate);
        Assert.That(status, Is.EqualTo(409));
        Assert.That(refusal.GetProperty("detail").GetString(), Does.Contain("more than 20 % of good (0 enter and 2 leave, of 3)"));
        Assert.That(refusal.GetProperty("segments").EnumerateArray().Single().GetProperty("key").GetString(), Is.EqualTo("good"));
        var token = (await PostAsync("/api/rulebook/preview", Candidate, "text/yaml")).GetProperty("token").GetString();
        Assert.That(refusal.GetProperty("token").GetString(), Is.EqualTo(token));

        var other = Candidate.Replace(">= 25", ">= 24", StringComparison.Ordinal);
        var (ofAnother, told) = await PutAsync($"?token={token}", other);
        Assert.That((ofAnother, told.GetProperty("detail").GetString()![..46]), Is.EqualTo((409, "The token is for another rulebook, or over ano")));
        Assert.That((await PutAsync("?confirmed=perhaps", Candidate)).Status, Is.EqualTo(400));
        Assert.That((await PutAsync($"?token={token}", Candidate)).Status, Is.EqualTo(200));
        Assert.That((await PutAsync($"?token={token}", InForce)).Status, Is.EqualTo(409), "something else is in force now");
        Assert.That((await PutAsync("?confirmed=true", other)).Status, Is.EqualTo(200));
        Assert.That((await PutAsync("", other.Replace(">= 24", ">= 23", StringComparison.Ordinal))).Status, Is.EqualTo(200), "nobody moves");
    }

    [Test]
    public async Task A_token_is_worth_nothing_any_more_once_what_it_confirmed_was_gone_back_on()
    {
        var token = (await PutAsync("", Candidate)).Body.GetProperty("token").GetString();
        Assert.That((await PutAsync($"?token={token}", Candidate)).Status, Is.EqualTo(200));
        Assert.That((await PutAsync("?confirmed=true", InForce)).Status, Is.EqualTo(200));

        Assert.That((await PutAsync($"?token={token}", Candidate)).Status, Is.EqualTo(409));
    }

    [Test]
    public async Task The_command_publishes_it_when_it_is_confirmed()
    {
        var file = _run.Write("candidate.yaml", Candidate);

        var refused = await _run.RunAsync("rules", "publish", file);
        Assert.That((refused.ExitCode, refused.Output), Is.EqualTo((1, "")));
        Assert.That(refused.Error, Does.Contain("2 leave, of 3"));
        var token = refused.Error[(refused.Error.IndexOf("token=", StringComparison.Ordinal) + 6)..].TrimEnd('.', '\n');
        var published = await _run.RunAsync("rules", "publish", file, "--token", token);
        Assert.That((published.ExitCode, published.Error), Is.EqualTo((0, "")));
        var back = await _run.RunAsync("rules", "publish", _run.Write("before.yaml", InForce), "--yes-really");
        Assert.That(back.Output, Does.StartWith("published: version"), back.Error);
    }

    private async Task<(int Status, JsonElement Body)> PutAsync(string query, string body)
    {
        using var response = await _server.Client.PutAsync($"/api/rulebook{query}", new StringContent(body, Encoding.UTF8, "text/yaml"));
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    private async Task<JsonElement> PostAsync(string path, string body, string mediaType)
    {
        using var response = await _server.Client.PostAsync(path, new StringContent(body, Encoding.UTF8, mediaType));
        var text = await response.Content.ReadAsStringAsync();
        Assert.That((int)response.StatusCode, Is.EqualTo(200), text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    private async Task<(int Status, string? Parameter)> ProblemAsync(string path, string body, string mediaType)
    {
        using var response = await _server.Client.PostAsync(path, new StringContent(body, Encoding.UTF8, mediaType));
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        return ((int)response.StatusCode, problem.GetProperty("parameter").GetString());
    }

    private static string Row(JsonElement preview, string list, string key)
    {
        var row = preview.GetProperty(list).EnumerateArray().Single(each => each.GetProperty("key").GetString() == key);
        return string.Join(' ', ((string[])["before", "after", "enter", "leave", "change", "stay"]).Select(name => row.GetProperty(name).GetInt64()));
    }
}
