using TaggingPipeline.Pipeline.Specs.Processes;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

public sealed class WhenTheCommandIsRun
{
    private static readonly string[] Verbs =
        ["serve", "import", "evaluate", "explain", "segments", "segments export", "segments history", "segments changes", "segments overlap", "tags", "tags assign", "tags remove", "tags release", "rules", "rules check", "rules fmt", "rules test", "rules schema",
         "subscribe", "dead-letters", "dead-letters list", "dead-letters redrive", "dead-letters discard",
         "rejected", "rejected list", "rejected groups", "rejected show", "rejected preview", "rejected resubmit", "rejected discard"];

    private CommandRun _run = null!;

    [SetUp]
    public void Start() => _run = new();

    [TearDown]
    public void Stop() => _run.Dispose();

    [TestCaseSource(nameof(Verbs))]
    public async Task Every_verb_has_help_with_an_example(string verb)
    {
        var ending = await _run.RunAsync([.. verb.Split(' '), "--help"]);

        Assert.Multiple(() =>
        {
            Assert.That(ending.ExitCode, Is.Zero);
            Assert.That(ending.Output, Does.Contain($"Example:\n  tagging {verb}").And.Contain("Exit codes:"));
            Assert.That(ending.Error, Is.Empty);
        });
    }

    [Test]
    public async Task Help_lists_the_verbs()
    {
        var ending = await _run.RunAsync("--help");

        Assert.That(ending.Output, Does.Contain("import").And.Contain("evaluate").And.Contain("Exit codes:"));
    }

    [TestCase("", "Required command")]
    [TestCase("imprt x", "imprt")]
    [TestCase("import", "Required argument")]
    [TestCase("import x --map m --batch 0", "--batch: expected 1 to")]
    [TestCase("import x --url nowhere", "`nowhere` is not an http")]
    [TestCase("evaluate x --rulebook r", "--as-of")]
    [TestCase("evaluate x --rulebook r --as-of yesterday", "`yesterday` is not an instant")]
    [TestCase("evaluate x --rulebook r --as-of 2024-01-01T00:00:00Z --format xml", "xml")]
    [TestCase("serve --as-of 2024", "`2024` is not an instant")]
    [TestCase("serve --nonsense", "--nonsense")]
    [TestCase("subscribe --after x", "--after: `x` is not a position")]
    [TestCase("dead-letters redrive", "name a letter, or say which with --queue or --reason")]
    [TestCase("dead-letters discard x --queue q", "name a letter, or say which with --queue or --reason")]
    [TestCase("rejected resubmit", "name rejections by their ids, or say which with --code or --pattern, or --all")]
    [TestCase("rejected discard x --all", "name rejections by their ids")]
    [TestCase("rejected preview --all --rename userId", "--rename: `userId` is not PATH=PATH")]
    [TestCase("rejected preview --all --limit 10001", "--limit: expected 1 to 10000")]
    [TestCase("rules", "Required command")]
    [TestCase("rules fmt", "Required argument")]
    [TestCase("rules check x --format xml", "xml")]
    [TestCase("rules schema segment", "segment")]
    [TestCase("rules test --min-coverage 101", "--min-coverage: expected 0 to 100")]
    public async Task Wrong_usage_ends_with_2_and_says_so_on_standard_error(string line, string told)
    {
        var ending = await _run.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Multiple(() =>
        {
            Assert.That(ending.ExitCode, Is.EqualTo(2));
            Assert.That(ending.Error, Does.Contain(told).And.Contain("--help` tells how it is used."));
            Assert.That(ending.Output, Is.Empty);
        });
    }

    [TestCase("import no-such-file.csv --map m.yaml")]
    [TestCase("evaluate no-such-file.csv --rulebook r --as-of 2024-01-01T00:00:00Z")]
    [TestCase("rules check no-such-file.yaml")]
    [TestCase("rules fmt no-such-file.yaml")]
    [TestCase("rules test no-such-file.yaml")]
    public async Task A_missing_file_ends_with_1(string line)
    {
        var ending = await _run.RunAsync(line.Split(' '));

        Assert.Multiple(() =>
        {
            Assert.That(ending.ExitCode, Is.EqualTo(1));
            Assert.That(ending.Error, Does.Contain("there is no such file"));
            Assert.That(ending.Output, Is.Empty);
        });
    }

    [Test]
    public async Task A_good_rulebook_is_summed_up_in_a_line()
    {
        var path = _run.Write("shop.yaml", "rulebook: shop\ntags:\n  - { key: a, category: value, value: count(purchase) }\n");
        var ending = await _run.RunAsync("rules", "check", path);

        Assert.Multiple(() =>
        {
            Assert.That(ending.ExitCode, Is.Zero, ending.Error);
            Assert.That(ending.Output, Does.Match("^.*shop.yaml: shop@[0-9a-f]+: 1 tags, 0 segments, no errors\n$"));
        });
    }

    [Test]
    public async Task A_bad_rulebook_is_told_error_by_error()
    {
        var path = _run.Write("shop.yaml", "rulebook: shop\ntags:\n  - { key: a, category: value, value: count(purchse) }\n  - { key: b, categry: value, value: count(purchase) }\n");
        var ending = await _run.RunAsync("rules", "check", path);

        Assert.Multiple(() =>
        {
            Assert.That(ending.ExitCode, Is.EqualTo(1));
            Assert.That(ending.Error, Does.Match("shop.yaml:3:[0-9]+: tag a: .*purchase").And.Match("shop.yaml:4:[0-9]+: "));
            Assert.That(ending.Output, Is.Empty);
        });
    }

    [Test]
    public async Task As_a_process_it_writes_results_to_standard_output_and_errors_to_standard_error()
    {
        await using var check = HostProcess.Run(["tagging.dll", "rules", "check", RealData.Example("cdnow.yaml")], new Dictionary<string, string?>());
        await using var refused = HostProcess.Run(["tagging.dll", "imprt"], new Dictionary<string, string?>());
        var exitCodes = (await check.WaitForExitAsync(TimeSpan.FromSeconds(60)), await refused.WaitForExitAsync(TimeSpan.FromSeconds(60)));

        Assert.Multiple(() =>
        {
            Assert.That(exitCodes, Is.EqualTo((0, 2)));
            Assert.That(check.Output, Does.Contain("6 tags"));
            Assert.That(check.Errors, Is.Empty);
            Assert.That(refused.Output, Is.Empty);
            Assert.That(refused.Errors, Does.Contain("imprt"));
        });
    }
}
