namespace TaggingPipeline.Pipeline.Specs.CommandLine;

/// <summary>A mistake in a test file is told with its place, and nothing of that file is run.</summary>
public sealed class WhenARuleTestIsWrong
{
    private const string Shop = """
        rulebook: shop
        tags:
          - { key: value-tier, category: value, tiers: { high: sum(purchase.total) >= 100, low: exists(purchase) } }
          - { key: quiet, category: behaviour, when: 'none(interaction["Product Added"])' }
          - { key: average, category: value, value: avg(purchase.total) }
        segments:
          - { key: win-back, when: tag(quiet) }

        """;

    private CommandRun _run = null!;

    [SetUp]
    public void Start()
    {
        _run = new();
        _run.Write("shop.yaml", Shop);
    }

    [TearDown]
    public void Stop() => _run.Dispose();

    [TestCase("", "1:1: file: the file is empty: expected a set of rule tests")]
    [TestCase("- x", "1:1: file: expected a map with the keys `rulebook`, `population`, `tests`; found a list")]
    [TestCase("test: []", "1:1: file: unknown key `test`; did you mean `tests`?", "1:1: file: the key `tests` is missing: expected the list of tests")]
    [TestCase("rulebook: none.yaml\ntests: []", "none.yaml: there is no such file")]
    [TestCase("tests: x", "1:8: tests: expected a list, each item starting with `- name:`; found text")]
    [TestCase("tests: [{ nam: a, at: 2026-01-01, expect: {} }]", "1:9: test number 1: the key `name` is missing: expected what the test shows, in a sentence", "1:11: test number 1: unknown key `nam`; did you mean `name`?")]
    [TestCase("tests: [{ name: a, expect: {} }]", "1:9: test a: the key `at` is missing: expected the instant")]
    [TestCase("tests: [{ name: a, at: tomorrow, expect: {} }]", "1:24: test a: `tomorrow` is no time: expected an instant such as")]
    [TestCase("tests: [{ name: a, at: -3d, expect: {} }]", "1:24: test a: `-3d` is no time")]
    [TestCase("tests: [{ name: a, at: 2026-01-01 }]", "1:9: test a: nothing is expected: expected one of `expect`, `changes` and `segments`")]
    [TestCase("tests: [{ name: a, at: 2026-01-01, expect: {}, then: [{ at: 2026-01-01, expect: {} }] }]", "1:61: test a: expected an instant after the one before, 2026-01-01T00:00:00Z")]
    [TestCase("tests: [{ name: a, at: 2026-01-01, expect: {}, expect: {} }]", "1:48: test a: `expect` is given twice: it stands on line 1 already")]
    public async Task As_a_file(string file, params string[] errors) => await ExpectAsync(file, errors);

    [TestCase("expect: { value-teir: high }", "1:46: test a: the rulebook has no tag `value-teir`; did you mean `value-tier`?")]
    [TestCase("expect: { value-tier: hihg }", "1:58: test a: tag value-tier has no tier `hihg`; did you mean `high`?; expected high, low or none")]
    [TestCase("expect: { value-tier: [high] }", "1:58: test a: tag value-tier: expected its value, or none; found a list")]
    [TestCase("expect: { quiet: yes }", "1:53: test a: tag quiet is held or not, and has no value `yes`: expected true or none")]
    [TestCase("expect: [quiet]", "1:44: test a: expected a map of tags to values, as in `value-tier: middle` under `expect`; found a list")]
    [TestCase("changes: { quiet: soon }", "1:54: test a: `soon` is no time: expected never, an instant such as")]
    [TestCase("changes: { quite: never }", "1:47: test a: the rulebook has no tag `quite`; did you mean `quiet`?")]
    [TestCase("segments: { winback: true }", "1:48: test a: the rulebook has no segment `winback`; did you mean `win-back`?")]
    [TestCase("segments: { win-back: high }", "1:58: test a: segment win-back: expected true or false")]
    public async Task In_what_it_expects(string expectation, params string[] errors) =>
        await ExpectAsync($"tests: [{{ name: a, at: 2026-01-01, {expectation} }}]", errors);

    [TestCase("x", "1:29: test a: expected an event, as in")]
    [TestCase("{ purchase: }", "1:29: test a: the event's key `at` is missing")]
    [TestCase("{ at: -1d }", "1:29: test a: expected what happened besides `at`")]
    [TestCase("{ at: +1d, purchase: }", "1:35: test a: this event is later than the test's `at`")]
    [TestCase("{ at: -1day, purchase: }", "1:35: test a: `-1day` is no time")]
    [TestCase("{ at: -1d, purchase: , browse: }", "1:52: test a: expected one event; found `browse` besides `purchase`")]
    [TestCase("{ at: -1d, purchse: }", "1:40: test a: there is no event `purchse`; did you mean `purchase`? (One that is really called so is `interaction:` with `name: purchse`)")]
    [TestCase("{ at: -1d, Product Aded: }", "1:40: test a: there is no event `Product Aded`; did you mean `Product Added`?")]
    [TestCase("{ at: -1d, interaction: }", "1:40: test a: which interaction?")]
    [TestCase("{ at: -1d, Product Added: , name: x }", "1:63: test a: the event has a name already: `Product Added`")]
    [TestCase("{ at: -1d, purchase: 12 }", "1:50: test a: expected properties, as in `{ total: 120 }`; found text")]
    [TestCase("{ at: -1d, purchase: , times: many }", "1:59: test a: `times` expects a whole number from 1 to 10000")]
    public async Task In_an_event(string happened, params string[] errors) =>
        await ExpectAsync($"tests: [{{ name: a, events: [{happened}], at: 2026-01-01, expect: {{ quiet: true }} }}]", errors);

    [Test]
    public async Task In_the_rulebook_its_errors_are_told_and_the_other_files_are_run()
    {
        _run.Write("bad.yaml", "rulebook: bad\ntag: []\n");
        _run.Write("bad.test.yaml", "tests: []\n");
        _run.Write("shop.test.yaml", "tests: [{ name: a, at: 2026-01-01, expect: { quiet: none } }]\n");
        var ending = await _run.RunAsync("rules", "test", _run.Folder);

        Assert.Multiple(() =>
        {
            Assert.That(ending.ExitCode, Is.EqualTo(1));
            Assert.That(ending.Error, Does.Contain("bad.yaml:2:1: rulebook: unknown key `tag`"));
            Assert.That(ending.Output, Does.Contain("1 passed").And.Contain("bad.test.yaml: not run").And.Contain("; 1 file with errors"));
        });
    }

    [Test]
    public async Task Where_there_are_no_tests_that_is_said()
    {
        var ending = await _run.RunAsync("rules", "test", _run.Folder);

        Assert.That((ending.ExitCode, ending.Error), Is.EqualTo((1, $"there are no files called *.test.yaml in {_run.Folder}\n")));
    }

    private async Task ExpectAsync(string file, string[] errors)
    {
        var path = _run.Write("shop.test.yaml", file + "\n");
        var ending = await _run.RunAsync("rules", "test", path);
        var told = ending.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Replace($"{path}:", "", StringComparison.Ordinal)).ToArray();

        Assert.That(ending.ExitCode, Is.EqualTo(1), ending.Output);
        Assert.That(told, Has.Length.EqualTo(errors.Length), ending.Error);
        Assert.Multiple(() =>
        {
            for (var i = 0; i < errors.Length; i++)
                Assert.That(told[i], Does.Contain(errors[i]));
        });
    }
}
