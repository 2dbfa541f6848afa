using TaggingPipeline.Pipeline.Specs.Webhooks;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

/// <summary><c>tagging subscriptions</c> against a real server.</summary>
public sealed class WhenSubscriptionsAreLookedAfter
{
    private CommandRun _run = null!;
    private SubscribedShop _shop = null!;
    private WebhookReceiver _receiver = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _run = new();
        _shop = await SubscribedShop.StartAsync();
        _receiver = await WebhookReceiver.StartAsync();
        _run.Variables["TAGGING_URL"] = _shop.Client.BaseAddress!.ToString();
        _run.Variables["TAGGING_API_KEY"] = TaggingPipeline.Pipeline.Specs.Projection.QueryServer.Key;
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _shop.DisposeAsync();
        await _receiver.DisposeAsync();
        _run.Dispose();
    }

    [Test]
    public async Task A_webhook_is_added_tried_paused_resumed_and_removed()
    {
        var added = await OkAsync("add", _receiver.Url, "--id", "crm", "--segment", "vips", "--type", "segment.entered", "--type", "segment.exited", "--trait", "city", "--concurrency", "2");
        Assert.That(added, Does.Match("^id      crm\nsecret  whsec_[A-Za-z0-9+/=]{44}\n$"));
        Assert.That(await OkAsync("test", "crm"), Does.Match("^crm took the test: 204, after \\d+ ms\n$"));
        await _shop.TellAsync("ann", "vip", true);
        await _shop.CaughtUpAsync("crm");
        Assert.That(await OkAsync("pause", "crm", "--reason", "moving"), Does.StartWith("crm is paused, at position 2 of 2"));
        Assert.That(await OkAsync("list"), Does.Match("ID +STATE +ADDRESS.*\ncrm +paused +http://127").And.Contain("moving"));
        Assert.That(await OkAsync("show", "crm"), Does.Contain("state            paused").And.Contain("\"segment\":[\"vips\"]").And.Not.Contain("whsec_"));
        Assert.That(await OkAsync("redeliver", "crm", "--from", "first"), Does.StartWith("crm is paused, at position 0 of 2"));
        Assert.That(await OkAsync("resume", "crm"), Does.StartWith("crm is active"));
        var delivered = await _receiver.TakenAsync(3);
        Assert.That(delivered[2].Id, Is.EqualTo(delivered[1].Id), "delivered again");
        Assert.That(await OkAsync("rotate", "crm", "--keep-hours", "1"), Does.Match("^whsec_[A-Za-z0-9+/=]{44}\n$"));
        await _shop.CaughtUpAsync("crm");
        Assert.That(await OkAsync("log", "crm", "--format", "csv"), Does.StartWith("at,changes,attempt,status,ms,error,message_id\n").And.Contain("(test)").And.Contain("ann:segment:1"));
        Assert.That(await OkAsync("remove", "crm"), Is.EqualTo("crm is removed\n"));
        Assert.That(await OkAsync("list", "--format", "jsonl"), Is.Empty);
    }

    [Test]
    public async Task A_test_that_is_not_taken_fails()
    {
        await OkAsync("add", _receiver.Url, "--id", "crm");
        _receiver.Answer = (_, _) => Task.FromResult(500);

        var ending = await _run.RunAsync("subscriptions", "test", "crm");

        Assert.That((ending.ExitCode, ending.Output), Is.EqualTo((1, ending.Output)));
        Assert.That(ending.Output, Does.StartWith("crm did not take the test: answered 500"));
    }

    [TestCase(new[] { "add", "https://10.0.0.1/" }, 1, "WebhooksMayReach")]
    [TestCase(new[] { "add", "https://example.invalid/" }, 1, "address: it cannot be reached")]
    [TestCase(new[] { "add", "http://127.0.0.1:9/", "--unverified", "--segment", "vip" }, 1, "did you mean `vips`")]
    [TestCase(new[] { "add", "http://127.0.0.1:9/", "--shape", "xml" }, 2, "xml")]
    [TestCase(new[] { "add", "http://127.0.0.1:9/", "--secret-file", "/no/such/file" }, 1, "--secret-file")]
    [TestCase(new[] { "show", "none" }, 1, "there is no subscription `none`")]
    [TestCase(new[] { "remove", "none" }, 1, "there is no subscription `none`")]
    [TestCase(new[] { "redeliver", "none" }, 2, "--from")]
    public async Task What_is_wrong_is_told_on_standard_error(string[] arguments, int exitCode, string told)
    {
        var ending = await _run.RunAsync(["subscriptions", .. arguments]);

        Assert.That((ending.ExitCode, ending.Output), Is.EqualTo((exitCode, "")), ending.Error);
        Assert.That(ending.Error, Does.Contain(told));
    }

    private async Task<string> OkAsync(params string[] arguments)
    {
        var ending = await _run.RunAsync(["subscriptions", .. arguments]);
        Assert.That((ending.ExitCode, ending.Error), Is.EqualTo((0, "")));
        return ending.Output;
    }
}
