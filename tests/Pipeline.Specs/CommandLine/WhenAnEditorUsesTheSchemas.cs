using System.Text.Json;
using System.Text.RegularExpressions;
using TaggingPipeline.CommandLine.RuleTests;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

public sealed partial class WhenAnEditorUsesTheSchemas
{
    private const string AnyTag = "key: a\n    category: value\n    ";

    /// <summary>Keys that the schema knows and the reader need not.</summary>
    private static readonly string[] Announced = ["description", "owner", "enabled", "hold", "expires", "group", "manual"];

    private static readonly string Docs = Path.Combine(RealData.Root, "docs");

    private static readonly SchemaCheck Rulebooks = new(Schema("rulebook"));
    private static readonly SchemaCheck Tests = new(Schema("rulebook-test"));

    private static IEnumerable<string> Examples => Directory.GetFiles(Path.Combine(Docs, "examples"), "*.yaml").Where(path => !path.EndsWith(".map.yaml", StringComparison.Ordinal));

    private static IEnumerable<string> Documented => Of("rules.md", "yaml").Select(yaml => yaml.Contains("rulebook:", StringComparison.Ordinal) ? yaml : $"rulebook: x\n{yaml}");

    private static IEnumerable<string> DocumentedTests => Of("rule-tests.md", "yaml").Where(yaml => yaml.Contains("tests:", StringComparison.Ordinal));

    [TestCaseSource(nameof(Examples))]
    public void The_examples_are_valid(string path) =>
        Assert.That((path.EndsWith(".test.yaml", StringComparison.Ordinal) ? Tests : Rulebooks).Problems(File.ReadAllText(path)), Is.Empty);

    [TestCaseSource(nameof(Documented))]
    public void So_are_the_rulebooks_in_the_reference(string yaml) => Assert.That(Rulebooks.Problems(yaml), Is.Empty);

    [TestCaseSource(nameof(DocumentedTests))]
    public void So_are_the_tests_in_their_reference(string yaml) => Assert.That(Tests.Problems(yaml), Is.Empty);

    [TestCase("when: trait.a\n    description: x\n    owner: y\n    enabled: false\n    hold: 7d\n    expires: 90d\n    group: g\n    manual: true")]
    [TestCase("manual: [gold, 2]")]
    public void Options_of_tags_are_valid(string tag) => Assert.That(Rulebooks.Problems($"rulebook: x\npopulation: {{ every: 24h }}\ntags:\n  - {AnyTag}{tag}\n"), Is.Empty);

    [TestCase("when: trait.a\n    value: trait.b", "fits what it must not")]
    [TestCase("name: A", "fits none")]
    [TestCase("wen: trait.a", "knows no wen")]
    [TestCase("tiers: {}", "too few keys")]
    [TestCase("tiers: [a]", "is array")]
    [TestCase("when: [a]", "is array")]
    [TestCase("when: a\n    hold: 7 days", "does not fit")]
    [TestCase("when: a\n    enabled: perhaps", "is string")]
    [TestCase("when: a\n    manual: gold", "does not fit one")]
    public void Broken_tags_are_not(string tag, string problem) =>
        Assert.That(Rulebooks.Problems($"rulebook: x\ntags:\n  - {AnyTag}{tag}\n"), Has.Some.Contains(problem));

    [TestCase("timezone: UTC", "lacks rulebook")]
    [TestCase("rulebook: x\ncolour: red", "knows no colour")]
    [TestCase("rulebook: x\nevents: { Order Placed: buy }", "none of them")]
    [TestCase("rulebook: x\ntags: [{ key: a, category: values, when: b }]", "none of them")]
    [TestCase("rulebook: x\ntags: [{ key: -a, category: value, when: b }]", "does not fit")]
    [TestCase("rulebook: x\nsegments: [{ key: a }]", "lacks when")]
    [TestCase("rulebook: x\ncurrency: EUR\nrates: { USD: 0 }", "is too small")]
    [TestCase("rulebook: x\ncurrency: euros", "does not fit")]
    public void Broken_rulebooks_are_not(string yaml, string problem) => Assert.That(Rulebooks.Problems(yaml), Has.Some.Contains(problem));

    [TestCase("tests: [{ name: a, expect: { b: c } }]", "lacks at")]
    [TestCase("tests: [{ name: a, at: 2026-01-01 }]", "fits none")]
    [TestCase("tests: [{ name: a, at: 2026-01-01, expects: {} }]", "knows no expects")]
    [TestCase("tests: [{ name: a, at: 2026-01-01, expect: {}, events: [{ at: -1d }] }]", "too few keys")]
    [TestCase("tests: [{ name: a, at: 2026-01-01, expect: {}, events: [{ at: -1d, purchase: 12 }] }]", "is integer")]
    [TestCase("tests: [{ name: a, at: 2026-01-01, segments: { s: high } }]", "is string")]
    [TestCase("tests: []\npopulation: { count(purchase): [1, 2, 3] }", "has too few")]
    [TestCase("tests: []\npopulation: { count(purchase): [1, 2, 3, many] }", "is string")]
    public void Broken_tests_are_not(string yaml, string problem) => Assert.That(Tests.Problems(yaml), Has.Some.Contains(problem));

    [TestCase("", "", "properties")]
    [TestCase("tags:\n  - key: a\n    category: value\n    when: trait.a\n    ", "tag", "definitions/tag/properties")]
    [TestCase("segments:\n  - key: a\n    when: trait.a\n    ", "segment", "definitions/segment/properties")]
    public async Task They_know_the_keys_that_the_reader_knows(string before, string what, string place)
    {
        using var run = new CommandRun();
        var ending = await run.RunAsync("rules", "check", run.Write("x.yaml", $"rulebook: x\n{before}zzzzzzzzzz: 1\n"));
        var read = Quoted().Matches(ending.Error[ending.Error.IndexOf("expected", StringComparison.Ordinal)..]).Select(match => match.Groups[1].Value).ToArray();
        var schema = place.Split('/').Aggregate(Schema("rulebook"), (rules, key) => rules.GetProperty(key)).EnumerateObject().Select(property => property.Name).ToArray();

        Assert.Multiple(() =>
        {
            Assert.That(read, Has.Length.GreaterThan(2).And.SubsetOf(schema), what);
            Assert.That(schema.Except(Announced), Is.SubsetOf(read), what);
        });
    }

    [Test]
    public void They_know_the_keys_of_test_files()
    {
        var schema = Schema("rulebook-test");

        Assert.Multiple(() =>
        {
            Assert.That(KeysOf(schema), Is.EquivalentTo(RuleTestReader.FileKeys));
            Assert.That(KeysOf(schema.GetProperty("definitions").GetProperty("test")), Is.EquivalentTo(RuleTestReader.TestKeys));
            Assert.That(KeysOf(schema.GetProperty("definitions").GetProperty("checkpoint")), Is.EquivalentTo(RuleTestReader.CheckpointKeys));
            Assert.That(KeysOf(schema.GetProperty("definitions").GetProperty("event")), Is.EquivalentTo(EventReader.OwnKeys.Concat(EventReader.KindWords)));
        });
    }

    [TestCase("rulebook", "rulebook")]
    [TestCase("test", "rulebook-test")]
    public async Task The_command_prints_them(string kind, string file)
    {
        using var run = new CommandRun();
        var ending = await run.RunAsync("rules", "schema", kind);

        Assert.That((ending.ExitCode, ending.Output), Is.EqualTo((0, File.ReadAllText(Path.Combine(Docs, $"{file}.schema.json")))));
    }

    private static JsonElement Schema(string name) => JsonElement.Parse(File.ReadAllText(Path.Combine(Docs, $"{name}.schema.json")));

    private static IEnumerable<string> KeysOf(JsonElement schema) => schema.GetProperty("properties").EnumerateObject().Select(property => property.Name);

    private static IEnumerable<string> Of(string page, string language) =>
        Fences().Matches(File.ReadAllText(Path.Combine(Docs, page))).Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value);

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex("^```([a-z-]+)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fences();
}
