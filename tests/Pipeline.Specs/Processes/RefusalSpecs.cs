using System.Diagnostics;

namespace TaggingPipeline.Pipeline.Specs.Processes;

[TestFixture, Category("Processes")]
public sealed class When_a_host_cannot_start
{
    private readonly TemporaryFolder _folder = new();
    private Dictionary<string, string?> _settings = null!;

    [SetUp]
    public void GiveSoundSettings() => _settings = new()
    {
        ["Store"] = $"sqlite:{_folder["tagging.db"]}",
        ["Rulebook"] = _folder.Write("rulebook.yaml", LoadRulebook.Text),
        ["Urls"] = $"http://127.0.0.1:{FreePorts.Take()}",
    };

    [OneTimeTearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public async Task A_wrong_setting_is_named_with_what_is_valid()
    {
        _settings["AsOf"] = "yesterday";

        var (exitCode, errors) = await RunAsync();

        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Is.EqualTo("Setting AsOf (--as-of, TAGGING_ASOF): 'yesterday' is not an instant in UTC. Valid: an instant, such as 1997-09-30T23:59:59Z."));
    }

    [Test]
    public async Task Development_keys_keep_it_from_listening_elsewhere()
    {
        _settings["Urls"] = $"http://0.0.0.0:{FreePorts.Take()}";

        var (exitCode, errors) = await RunAsync();

        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.StartWith("Setting Urls (--urls, TAGGING_URLS): 'http://0.0.0.0:").And.Contain("development keys"));
    }

    [Test]
    public async Task Every_error_of_the_rulebook_is_listed_with_its_place()
    {
        _settings["Store"] = $"sqlite:{_folder["without-a-version.db"]}";
        _settings["Rulebook"] = _folder.Write("broken.yaml", BrokenRulebook.Text);

        var (exitCode, errors) = await RunAsync();

        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(errors.Split('\n'), Has.Length.EqualTo(BrokenRulebook.Errors).And.All.StartsWith(_folder["broken.yaml"] + ":"));
    }

    [Test]
    public async Task No_rulebook_at_all_is_a_setting_that_is_missing()
    {
        _settings["Store"] = $"sqlite:{_folder["without-a-version.db"]}";
        _settings.Remove("Rulebook");

        var (exitCode, errors) = await RunAsync();

        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.StartWith("Setting Rulebook (--rulebook, TAGGING_RULEBOOK): is missing, and no rulebook was published to the store yet. Valid: the path of a rulebook file"));
    }

    [Test]
    public async Task A_rulebook_file_that_is_not_there_is_named_where_none_was_published()
    {
        _settings["Store"] = $"sqlite:{_folder["without-a-version.db"]}";
        _settings["Rulebook"] = _folder["no-such.yaml"];

        var (exitCode, errors) = await RunAsync();

        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.StartWith($"Setting Rulebook (--rulebook, TAGGING_RULEBOOK): there is no file '{_folder["no-such.yaml"]}', and no rulebook was published to the store yet. Valid: the path"));
    }

    [Test]
    public async Task A_store_that_is_none_is_named()
    {
        _settings["Store"] = $"sqlite:{_folder.Write("no-store.db", "This is a text, and long enough to be no empty database file at all.")}";

        var (exitCode, errors) = await RunAsync();

        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(errors, Does.StartWith("The store sqlite:").And.Contain("no-store.db"));
    }

    [Test]
    public async Task An_address_in_use_is_named()
    {
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, new Uri(_settings["Urls"]!).Port);
        other.Start();

        var (exitCode, errors) = await RunAsync();

        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(errors, Does.Contain($"{_settings["Urls"]} already").And.Contain("--urls"));
    }

    private async Task<(int ExitCode, string Errors)> RunAsync()
    {
        var watch = Stopwatch.StartNew();
        await using var process = HostProcess.Run(["TaggingPipeline.RuleEvaluation.dll"], _settings);
        var exitCode = await process.WaitForExitAsync(TimeSpan.FromSeconds(30));
        TestContext.Out.WriteLine($"ended after {watch.ElapsedMilliseconds} ms");
        Assert.That(process.Output + process.Errors, Does.Not.Contain("   at "), "a stack trace");
        return (exitCode, process.Errors.Trim());
    }
}
