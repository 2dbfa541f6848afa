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
