namespace TaggingPipeline.Pipeline.Specs.CommandLine;

public sealed class WhenARulebookIsFormatted
{
    private const string Sloppy = "# Ours.\nrulebook:   shop\ntags:\n- { key: a, category: value, value: count( purchase ) }\n";
    private const string Tidy = "# Ours.\nrulebook: shop\ntags:\n  - { key: a, category: value, value: count(purchase) }\n";

    private CommandRun _run = null!;

    [SetUp]
    public void Start() => _run = new();

    [TearDown]
    public void Stop() => _run.Dispose();

    [Test]
    public async Task It_is_written_in_place_and_named_once()
    {
        var path = _run.Write("shop.yaml", Sloppy);
        var first = await _run.RunAsync("rules", "fmt", path);
        var second = await _run.RunAsync("rules", "fmt", path);

        Assert.Multiple(() =>
        {
            Assert.That((first.ExitCode, first.Output, first.Error), Is.EqualTo((0, $"{path}\n", "")));
            Assert.That((second.ExitCode, second.Output, second.Error), Is.EqualTo((0, "", "")));
            Assert.That(File.ReadAllText(path), Is.EqualTo(Tidy));
        });
    }

    [Test]
    public async Task Checking_lists_what_would_change_and_changes_nothing()
    {
        var (sloppy, tidy) = (_run.Write("sloppy.yaml", Sloppy), _run.Write("tidy.yaml", Tidy));
        var both = await _run.RunAsync("rules", "fmt", "--check", tidy, sloppy);
        var good = await _run.RunAsync("rules", "fmt", "--check", tidy);

        Assert.Multiple(() =>
        {
            Assert.That((both.ExitCode, both.Output), Is.EqualTo((1, $"{sloppy}\n")));
            Assert.That((good.ExitCode, good.Output), Is.EqualTo((0, "")));
            Assert.That(File.ReadAllText(sloppy), Is.EqualTo(Sloppy));
        });
    }

    [Test]
    public async Task A_file_with_errors_is_left_alone_and_the_others_are_written()
    {
        const string Broken = "rulebook:   shop\ntag: []\n";
        var (broken, sloppy) = (_run.Write("broken.yaml", Broken), _run.Write("sloppy.yaml", Sloppy));
        var ending = await _run.RunAsync("rules", "fmt", broken, sloppy);

        Assert.Multiple(() =>
        {
            Assert.That((ending.ExitCode, ending.Output), Is.EqualTo((1, $"{sloppy}\n")));
            Assert.That(ending.Error, Does.Contain("broken.yaml:2:1: ").And.Contain("`tags`"));
            Assert.That(File.ReadAllText(broken), Is.EqualTo(Broken));
        });
    }

    [Test]
    public async Task The_examples_in_the_documentation_are_formatted()
    {
        var examples = Directory.GetFiles(Path.Combine(RealData.Root, "docs", "examples"), "*.yaml").Where(IsRulebook).Order();
        var ending = await _run.RunAsync(["rules", "fmt", "--check", .. examples]);

        Assert.That((ending.ExitCode, ending.Output, ending.Error), Is.EqualTo((0, "", "")));
    }

    [Test]
    public async Task Files_of_tests_are_passed_over()
    {
        var ending = await _run.RunAsync("rules", "fmt", _run.Write("shop.test.yaml", "tests:   []\n"), _run.Write("shop.yaml", Tidy));

        Assert.That((ending.ExitCode, ending.Output, ending.Error), Is.EqualTo((0, "", "")));
    }

    private static bool IsRulebook(string path) => !path.EndsWith(".map.yaml", StringComparison.Ordinal) && !path.EndsWith(".test.yaml", StringComparison.Ordinal);
}
