using TaggingPipeline.Pipeline.Specs.Projection;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

/// <summary><c>tagging rules publish</c>, <c>history</c>, <c>diff</c>, <c>rollback</c> and <c>rollover</c> against a real server.</summary>
public sealed class WhenRulesArePublished
{
    private const string First = """
        rulebook: shop
        tags:
          - { key: churn-risk, category: behaviour, when: "exists(purchase) and none(purchase, 60d)" }
        segments:
          - { key: win-back, when: tag(churn-risk) }
        """;

    private static readonly string Second = First.Replace("60d", "45d", StringComparison.Ordinal);

    private CommandRun _run = null!;
    private QueryServer _server = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _run = new();
        _server = await PublishedServer.StartAsync(First);
        _run.Variables["TAGGING_URL"] = _server.Client.BaseAddress!.ToString();
        _run.Variables["TAGGING_API_KEY"] = QueryServer.Key;
        _run.Variables["USER"] = "anna";
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _server.DisposeAsync();
        _run.Dispose();
    }

    [Test]
    public async Task A_rulebook_is_published_listed_compared_and_gone_back_on()
    {
        var file = _run.Write("shop.yaml", Second);

        Assert.That(await OkAsync("publish", file, "--message", "Sooner"), Does.Match("^published: version 2, shop@[0-9a-f]{12}\n  churn-risk: window 60d → 45d\n$"));
        Assert.That(await OkAsync("publish", file), Does.StartWith("nothing published: version 2, shop@"));
        Assert.That(await OkAsync("diff", "1", "2"), Is.EqualTo("churn-risk: window 60d → 45d\n"));
        Assert.That(await OkAsync("diff", file, "1"), Is.EqualTo("churn-risk: window 45d → 60d\n"));
        Assert.That(await OkAsync("rollback", "1", "--author", "ben"), Does.Match("^published: version 3, shop@[0-9a-f]{12}\n  churn-risk: window 45d → 60d\n$"));
        Assert.That(await OkAsync("history", "--format", "csv"), Does.Match(
            "^number,version,author,source,publishedAt,message\n3,shop@.*,ben,rollback of 1,.*,\n2,shop@.*,anna,api,.*,Sooner\n1,shop@.*,file,file,.*,\n$"));
        Assert.That(await OkAsync("rollover", "--watch"), Does.EndWith(": tags: all 0 customers are through; segments: all 0 customers are through\n"));
        Assert.That(await OkAsync("rollover", "pause"), Does.StartWith("version 3, shop@").And.Contain(", paused: "));
        Assert.That(await OkAsync("rollover", "resume"), Does.Not.Contain("paused"));
    }

    [Test]
    public async Task What_is_refused_is_told()
    {
        var file = _run.Write("shop.yaml", Second);
        var broken = _run.Write("broken.yaml", First.Replace("none(", "nnoe(", StringComparison.Ordinal));

        Assert.That((await _run.RunAsync("rules", "publish", broken)).Error, Does.StartWith($"{broken}:3:"));
        Assert.That((await _run.RunAsync("rules", "publish", file, "--expected", "7")).Error, Does.Contain("412").And.Contain("not version 7 is in force, but 1"));
        Assert.That((await _run.RunAsync("rules", "rollback", "7")).Error, Does.Contain("no version of the rulebook has the number `7`"));
        Assert.That((await _run.RunAsync("rules", "diff", "1", "7")).Error, Does.Contain("no version of the rulebook has the number `7`"));
        Assert.That((await _run.RunAsync("rules", "rollover", "stop")).ExitCode, Is.EqualTo(2));
    }

    [Test]
    public async Task Two_files_are_compared_without_a_server()
    {
        _run.Variables["TAGGING_URL"] = "http://127.0.0.1:1";

        Assert.That(await OkAsync("diff", _run.Write("a.yaml", First), _run.Write("b.yaml", Second)), Is.EqualTo("churn-risk: window 60d → 45d\n"));
        Assert.That((await _run.RunAsync("rules", "diff", _run.Write("a.yaml", First), _run.Write("b.yaml", First))), Is.EqualTo(new Ending(0, "", "They say the same.\n")));
    }

    private async Task<string> OkAsync(params string[] arguments)
    {
        var ending = await _run.RunAsync(["rules", .. arguments]);
        Assert.That((ending.ExitCode, ending.Error), Is.EqualTo((0, "")));
        return ending.Output;
    }
}
