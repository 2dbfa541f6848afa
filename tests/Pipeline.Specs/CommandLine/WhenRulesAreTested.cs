using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

public sealed partial class WhenRulesAreTested
{
    private const string Shop = """
        rulebook: shop
        timezone: Europe/London
        events: { Order Placed: purchase }
        tags:
          - key: value-tier
            category: value
            tiers:
              high: sum(purchase.total, 365d) >= 1000
              middle: sum(purchase.total, 365d) >= 250
              low: count(purchase) >= 1
          - { key: quiet, category: behaviour, when: "count(purchase) >= 2 and none(purchase, 60d)" }
          - { key: last-category, category: interest, value: "last(browse.category, 90d) if count(browse, 90d) >= 1" }
          - { key: first-order, category: behaviour, value: first(purchase) }
          - { key: first-day, category: behaviour, value: first(purchase.date) }
          - { key: average, category: value, value: "round(avg(purchase.total), 2)" }
          - { key: adder, category: behaviour, when: 'exists(interaction["Product Added"])' }
          - { key: adult, category: basic, when: trait.age >= 18 }
          - { key: prefers-late, category: basic, when: 'trait.sent = "12"' }
        segments:
          - { key: win-back, when: tag(value-tier) = high and tag(quiet) and trait.newsletter }

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

    [TestCase("events: [{ at: -1d, purchase: { total: 300 } }], expect: { value-tier: middle, quiet: none, average: 300 }", TestName = "A kind of event, before the instant")]
    [TestCase("events: [{ at: -366d, purchase: { total: 300 } }, { at: -1d 12h 30m, purchase: { total: 1.5 } }], expect: { value-tier: low }", TestName = "A duration of several parts")]
    [TestCase("events: [{ at: now, Order Placed: { total: 1000.0 } }], expect: { value-tier: high }", TestName = "An event of the rulebook's own name, now")]
    [TestCase("events: [{ at: -1h, order completed: }], expect: { value-tier: none }", 1, TestName = "A standard name in other letters is asked about")]
    [TestCase("events: [{ at: -2d, purchase: { order_id: A, total: 300 } }, { at: -1d, order-refunded: { order_id: A } }], expect: { value-tier: none }", TestName = "A refund")]
    [TestCase("events: [{ at: -2d, purchase: { order_id: A, total: 300 } }, { at: -1d, order-cancelled: { order_id: A } }], expect: { value-tier: none }", TestName = "A cancellation")]
    [TestCase("events: [{ at: -2d, purchase: { order_id: A, total: 30 } }, { at: -1d, Order Updated: { order_id: A, total: 300 } }], expect: { value-tier: middle }", TestName = "An update, by its name")]
    [TestCase("events: [{ at: -1d, purchase: { total: 150 }, times: 2 }], expect: { value-tier: middle }", TestName = "One event several times")]
    [TestCase("events: [{ at: -1d, browse: { category: shoes } }], expect: { last-category: shoes }, changes: { last-category: +89d }", TestName = "A computed value, and when it changes")]
    [TestCase("events: [{ at: -1d, Product Added: { sku: 1 } }], expect: { adder: true, value-tier: null }, changes: { adder: never }", TestName = "An interaction by its name")]
    [TestCase("events: [{ at: -1d, interaction: { sku: 1 }, name: Product Added }], expect: { adder: true }", TestName = "An interaction with its name besides")]
    [TestCase("events: [{ at: -1d, interaction: , name: purchse }], expect: { adder: false }", TestName = "A name that only looks like a mistake")]
    [TestCase("events: [{ at: 2026-07-01, purchase: }], expect: { first-order: 2026-07-01, first-day: 2026-07-01, value-tier: low }", TestName = "A date starts in the rulebook's zone")]
    [TestCase("events: [{ at: 2026-07-01 00:30, purchase: }], expect: { first-order: 2026-06-30T23:30:00Z, first-day: 2026-07-01 }", TestName = "A local time is the rulebook's")]
    [TestCase("events: [{ at: 2026-07-01T02:30:00+02:00, purchase: }], expect: { first-order: 2026-07-01T00:30:00Z, average: none }", TestName = "A time with its offset")]
    [TestCase("traits: { age: 18 }, expect: { adult: true }", TestName = "Traits and nothing else")]
    [TestCase("traits: { age: 17 }, events: [{ at: -1d, profile: { age: 18 } }], expect: { adult: true }", TestName = "Traits come before everything else")]
    [TestCase("traits: { sent: '12' }, expect: { prefers-late: true, adult: none }", TestName = "A number in quotes is text")]
    [TestCase("expect: { value-tier: none }", TestName = "Nothing has happened")]
    [TestCase("traits: { newsletter: true }, events: [{ at: -70d, purchase: { total: 500 }, times: 2 }], segments: { win-back: true }, expect: { value-tier: true }", TestName = "A segment, and a tier whatever it is")]
    [TestCase("events: [{ at: -1d, purchase: }], expect: { value-tier: low }, then: [{ at: +1d, events: [{ at: -3d, purchase: { total: 250 } }], expect: { value-tier: middle, first-order: 2026-07-30T12:00:00Z } }, { at: +1000d, expect: { value-tier: low } }]",
        TestName = "Later instants, with an event that came late")]
    public async Task What_comes_true_passes(string test, int exitCode = 0)
    {
        Write($"  - {{ name: it, at: 2026-08-01T12:00:00Z, {test} }}");
        var ending = await RunAsync();

        Assert.That(ending.ExitCode, Is.EqualTo(exitCode), ending.Output + ending.Error);
    }

    [Test]
    public async Task What_does_not_is_told_with_what_the_rules_found()
    {
        Write("""
              - name: two orders make the middle tier
                events:
                  - { at: 2026-01-05, purchase: { total: 120 } }
                  - { at: 2026-01-06, purchase: { total: 80 } }
                at: 2026-02-01
                expect:
                  value-tier: middle
                  quiet: true
                changes: { value-tier: +3d }
                segments: { win-back: true }
              - { name: fine, at: 2026-02-01, traits: { age: 20 }, expect: { adult: true } }
            """);
        var ending = await RunAsync();

        Assert.Multiple(() =>
        {
            Assert.That(ending.ExitCode, Is.EqualTo(1));
            Assert.That(ending.Error, Is.Empty);
            Assert.That(ending.Output.Replace(_run.Folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal), Does.StartWith("""
                FAILED shop.test.yaml:2: two orders make the middle tier
                  as of 2026-02-01T00:00:00Z
                    tag value-tier: expected middle, found low (line 8)
                      no  sum(purchase.total, 365d) >= 1000: found 200
                      no  sum(purchase.total, 365d) >= 250: found 200
                      yes count(purchase) >= 1: found 2
                          by line 4: Order Completed, 2026-01-05T00:00:00Z
                          by line 5: Order Completed, 2026-01-06T00:00:00Z
                    tag quiet: expected true, found none (line 9)

                """.ReplaceLineEndings("\n").Replace("expected true", "expected any value", StringComparison.Ordinal)));
            Assert.That(ending.Output, Does.Contain("next change of tag value-tier: expected 2026-02-04T00:00:00Z, found never (line 10)"));
            Assert.That(ending.Output, Does.Contain("segment win-back: expected true, found false (line 11)"));
            Assert.That(ending.Output, Does.Contain("shop.test.yaml: 1 passed, 1 failed\n2 tests of 1 file: 1 passed, 1 failed in "));
        });
    }

    [Test]
    public async Task Folders_are_searched_and_a_rulebook_is_compiled_once()
    {
        Directory.CreateDirectory(Path.Combine(_run.Folder, "more"));
        Directory.CreateDirectory(Path.Combine(_run.Folder, ".hidden"));
        Write("  - { name: one, at: 2026-01-01, expect: { adult: none } }");
        _run.Write("more/other.test.yaml", "rulebook: ../shop.yaml\ntests:\n  - { name: two, at: 2026-01-01, expect: { adult: none } }\n");
        _run.Write(".hidden/lost.test.yaml", "no tests");
        var ending = await RunAsync(_run.Folder, Path.Combine(_run.Folder, "shop.test.yaml"), "--coverage");

        Assert.Multiple(() =>
        {
            Assert.That(ending.ExitCode, Is.Zero, ending.Error);
            Assert.That(ending.Output, Does.Contain("2 tests of 2 files: 2 passed, 0 failed"));
            Assert.That(ending.Output.Split("coverage of"), Has.Length.EqualTo(2));
        });
    }

    [Test]
    public async Task Thousands_of_tests_are_run_and_the_rate_is_told()
    {
        var tests = Enumerable.Range(0, 3_000).Select(i => string.Create(
            CultureInfo.InvariantCulture, $"  - {{ name: n{i}, at: 2026-02-01, events: [{{ at: -{i % 50}d, purchase: {{ total: {i} }} }}, {{ at: -80d, purchase: }}], expect: {{ value-tier: {(i >= 1000 ? "high" : i >= 250 ? "middle" : "low")} }} }}"));
        Write(string.Join('\n', tests));
        var ending = await RunAsync();

        Assert.That(ending.Output, Does.Match("3000 tests of 1 file: 3000 passed, 0 failed in [0-9]+ ms \\([0-9,]+ a second\\)\n$"), ending.Error);
        TestContext.Out.WriteLine(ending.Output);
    }

    [Test]
    public async Task A_ci_server_gets_junit_xml()
    {
        Write("  - { name: \"good \\u0001 <one>\", at: 2026-01-01, expect: { adult: none } }\n  - { name: bad, at: 2026-01-01, traits: { age: 3 }, expect: { adult: true } }");
        _run.Write("wrong.test.yaml", "rulebook: shop.yaml\ntest: []\n");
        var junit = Path.Combine(_run.Folder, "results.xml");
        var ending = await RunAsync(_run.Folder, "--junit", junit);
        var suites = XDocument.Load(junit).Root!;
        var cases = suites.Descendants("testcase").ToArray();

        Assert.Multiple(() =>
        {
            Assert.That(ending.ExitCode, Is.EqualTo(1));
            Assert.That(suites.Name.LocalName, Is.EqualTo("testsuites"));
            Assert.That((CountOf(suites, "tests"), CountOf(suites, "failures"), CountOf(suites, "errors")), Is.EqualTo((3, 1, 1)));
            Assert.That(suites.Elements("testsuite").Select(suite => Path.GetFileName(suite.Attribute("name")!.Value)), Is.EqualTo(new[] { "shop.test.yaml", "wrong.test.yaml" }));
            Assert.That(cases.Select(test => test.Attribute("name")!.Value), Is.EqualTo(new[] { "good \uFFFD <one>", "bad", "the file can be run" }));
            Assert.That(cases, Has.All.Matches<XElement>(test => double.Parse(test.Attribute("time")!.Value, CultureInfo.InvariantCulture) >= 0));
            Assert.That(cases[1].Element("failure")!.Attribute("message")!.Value, Is.EqualTo("tag adult: expected any value, found none"));
            Assert.That(cases[1].Element("failure")!.Value, Does.Contain("no  trait.age >= 18: found 3"));
            Assert.That(cases[2].Element("error")!.Value, Does.Contain("did you mean `tests`?"));
        });
    }

    [Test]
    public async Task Coverage_tells_what_no_test_looks_at()
    {
        _run.Write("small.yaml", """
            rulebook: small
            tags:
              - key: tier
                category: value
                tiers:
                  high: sum(purchase.total) >= 100
                  low: count(purchase) >= 1
              - key: quiet
                category: behaviour
                when: exists(purchase) and not exists(browse, 9d)
              - { key: seen, category: interest, value: "last(browse.sku) if exists(browse)" }
              - { key: other, category: interest, when: exists(browse) }
            segments:
              - { key: best, when: tag(tier) = high }

            """);
        _run.Write("small.test.yaml", """
            tests:
              - name: high
                at: 2026-01-01
                events: [{ at: -1d, purchase: { total: 100 } }]
                expect: { tier: high, quiet: true, seen: none }
                segments: { best: true }

            """);
        var ending = await RunAsync(Path.Combine(_run.Folder, "small.test.yaml"), "--coverage");
        var low = await RunAsync(Path.Combine(_run.Folder, "small.test.yaml"), "--min-coverage", "38");
        var enough = await RunAsync(Path.Combine(_run.Folder, "small.test.yaml"), "--min-coverage", "37");

        Assert.Multiple(() =>
        {
            Assert.That(ending.Output.Split('\n').Where(line => line.StartsWith("  ", StringComparison.Ordinal)).Select(line => line[(line.IndexOf("small.yaml:", StringComparison.Ordinal) + 11)..]), Is.EqualTo(new[]
            {
                "6:13: tag tier: `sum(purchase.total) >= 100` was never false",
                "7:7: tag tier, tier low: never reached",
                "7:12: tag tier: `count(purchase) >= 1` was never looked at",
                "10:11: tag quiet: `exists(purchase)` was never false",
                "10:36: tag quiet: `exists(browse, 9d)` was never true",
                "11:12: tag seen: never held",
                "11:46: tag seen: `last(browse.sku)` never found anything",
                "11:66: tag seen: `exists(browse)` was never true",
                "12:12: tag other: no test expects anything of it",
                "14:24: segment best: `tag(tier) = high` was never false",
            }));
            Assert.That(ending.Output, Does.Contain(" 38 % ("), "the percentage is asked for below");
            Assert.That((ending.ExitCode, low.ExitCode, enough.ExitCode), Is.EqualTo((0, 0, 0)));
        });
    }

    [Test]
    public async Task The_examples_of_the_documentation_pass()
    {
        var ending = await RunAsync(Path.Combine(RealData.Root, "docs"));

        Assert.That(ending.ExitCode, Is.Zero, ending.Output + ending.Error);
    }

    [Test]
    public async Task So_do_those_in_the_reference_under_the_first_rulebook_of_the_rules()
    {
        _run.Write("shop.yaml", Yaml("rules.md").First());
        var examples = Yaml("rule-tests.md").Where(yaml => yaml.StartsWith("tests:", StringComparison.Ordinal)).ToArray();
        Assert.That(examples, Has.Length.GreaterThan(2));
        foreach (var example in examples)
        {
            _run.Write("shop.test.yaml", example);
            var ending = await RunAsync();
            Assert.That(ending.ExitCode, Is.Zero, ending.Output + ending.Error);
        }

        static IEnumerable<string> Yaml(string page) =>
            Fences().Matches(File.ReadAllText(Path.Combine(RealData.Root, "docs", page))).Select(match => match.Groups[1].Value);
    }

    private void Write(string tests) => _run.Write("shop.test.yaml", $"tests:\n{tests}\n");

    private Task<Ending> RunAsync(params string[] arguments) =>
        _run.RunAsync(["rules", "test", .. arguments.Length > 0 ? arguments : [Path.Combine(_run.Folder, "shop.test.yaml")]]);

    private static int CountOf(XElement suites, string name) => int.Parse(suites.Attribute(name)!.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("^```yaml\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fences();
}
