namespace TaggingPipeline.Pipeline.Specs.CommandLine;

/// <summary>A server that answers late.</summary>
public sealed class WhenAServerIsSlow
{
    private const string Shop = """
        rulebook: shop
        tags:
          - { key: vip, category: value, when: "count(purchase) >= 2" }
        """;

    private static readonly Dictionary<string, string> Answers = new()
    {
        ["/api/rulebook"] = """{"published":true,"version":{"number":2,"version":"shop@1"},"differences":[],"note":null}""",
        ["/api/rulebook/preview?examples=2"] = """{"exact":true,"customers":0,"inForce":"shop@1","tags":[],"segments":[],"needsConfirmation":[],"token":"t"}""",
        ["/api/rulebook/preview/movers?tag=vip"] = """{"customer":"ann","move":"enters","previous":null,"value":true,"reason":{"text":"t"}}""",
    };

    private CommandRun _run = null!;
    private ApiStub _server = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _run = new() { Patience = TimeSpan.FromMilliseconds(200) };
        _server = await ApiStub.StartAsync(Answers);
        _run.Variables["TAGGING_URL"] = _server.Url;
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _server.DisposeAsync();
        _run.Dispose();
    }

    [TestCase("publish")]
    [TestCase("preview")]
    [TestCase("preview", "--tag", "vip")]
    public async Task A_rulebook_that_takes_long_to_be_tried_is_waited_for(string verb, params string[] options)
    {
        _server.Takes = TimeSpan.FromSeconds(1);

        var ending = await _run.RunAsync(["rules", verb, _run.Write("shop.yaml", Shop), .. options]);

        Assert.That((ending.ExitCode, ending.Error), Is.EqualTo((0, "")));
    }

    [Test]
    public async Task Whoever_waits_can_end_it()
    {
        _server.Takes = TimeSpan.FromMinutes(5);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(1));

        var ending = await _run.RunAsync(cancellation.Token, "rules", "publish", _run.Write("shop.yaml", Shop));

        Assert.That((ending.ExitCode, ending.Error), Is.EqualTo((130, "stopped\n")));
    }

    [TestCase("segments")]
    [TestCase("rules", "history")]
    [TestCase("rules", "rollback", "1")]
    [TestCase("segments", "export", "vips")]
    public async Task What_does_not_come_in_time_is_told_in_one_line(params string[] arguments)
    {
        _server.Takes = TimeSpan.FromMinutes(5);

        var ending = await _run.RunAsync(arguments);

        Assert.That((ending.ExitCode, ending.Error), Is.EqualTo((1, $"{_server.Url}/ did not answer within 0.2 s\n")));
    }
}
