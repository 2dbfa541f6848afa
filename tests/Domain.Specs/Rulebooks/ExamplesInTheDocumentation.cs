using System.Collections.Immutable;
using System.Text.RegularExpressions;
using NodaTime.Text;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Domain.Specs.Rulebooks;

/// <summary>What docs/rules.md shows works as shown.</summary>
public sealed partial class ExamplesInTheDocumentation
{
    private const string Tags = "rulebook: x\ntags:\n- {key: value-tier, category: value, tiers: {high: trait.a = 1, middle: trait.a = 2}}\n- {key: churn-risk, category: value, when: trait.a = 1}\n";

    private static readonly (string Language, string Text)[] Blocks =
        [.. Fences().Matches(File.ReadAllText(RulesPage())).Select(match => (match.Groups[1].Value, match.Groups[2].Value))];

    private static IEnumerable<string> Rulebooks => Of("yaml");

    private static IEnumerable<string> Expressions => Of("rule").SelectMany(Lines);

    private static IEnumerable<TestCaseData> Results =>
        Of("example").SelectMany(Lines).Select(line => Example().Match(line)).Select(match => new TestCaseData(match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value));

    private static IEnumerable<string> Segments => Of("segment").SelectMany(Lines);

    [TestCaseSource(nameof(Rulebooks))]
    public void Rulebooks_compile(string yaml) =>
        Assert.That(RulebookFile.Compile(yaml.Contains("rulebook:", StringComparison.Ordinal) ? yaml : $"rulebook: x\n{yaml}").Errors, Is.Empty);

    [TestCaseSource(nameof(Expressions))]
    public void Expressions_compile_as_condition_or_value(string expression)
    {
        var asCondition = Compile("when");
        Assert.That(asCondition.IsEmpty ? asCondition : Compile("value"), Is.Empty);

        ImmutableArray<RulebookError> Compile(string form) =>
            RulebookFile.Compile($"rulebook: x\ntags:\n- key: t\n  category: value\n  {form}: |\n    {expression}\n").Errors;
    }

    [TestCaseSource(nameof(Segments))]
    public void Conditions_of_segments_compile(string condition) =>
        Assert.That(RulebookFile.Compile($"{Tags}segments:\n- key: win-back\n  when: tag(churn-risk)\n- key: s\n  when: |\n    {condition}\n").Errors, Is.Empty);

    [TestCaseSource(nameof(Results))]
    public void Results_are_those_that_are_shown(string at, string expression, string result)
    {
        var asValue = RulebookFile.Compile($"{Anna.Rulebook}  value: |\n    {expression}\n");
        var rulebook = asValue.Rulebook ?? RulebookFile.Compile($"{Anna.Rulebook}  when: |\n    {expression}\n").Rulebook;
        Assert.That(rulebook, Is.Not.Null, string.Join('\n', asValue.Errors));
        var value = Anna.Evaluate(rulebook!, InstantPattern.ExtendedIso.Parse(at).Value, Of("events").Single()).ToString();
        Assert.That(asValue.Rulebook is null && value == "nothing" ? "false" : value, Is.EqualTo(result));
    }

    [Test]
    public void Errors_are_those_that_are_shown() =>
        Assert.That(RulebookFile.Compile(Of("yaml-with-errors").Single()).Errors.Select(error => error.ToString()), Is.EqualTo(Lines(Of("errors").Single())));

    [Test]
    public void There_is_an_example_for_every_function()
    {
        var examples = string.Join('\n', Expressions);
        Assert.That(Vocabulary.Aggregates.AddRange(Vocabulary.Functions), Has.All.Matches<string>(
            name => Regex.IsMatch(examples, $@"\b{name}\(")));
    }

    private static IEnumerable<string> Of(string language) => Blocks.Where(block => block.Language == language).Select(block => block.Text);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The folder of the documentation.</summary>
    internal static string Docs { get; } = FindDocs();

    private static string RulesPage() => Path.Combine(FindDocs(), "rules.md");

    private static string FindDocs()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "TaggingPipeline.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("These tests run within the repository, whose docs they read.");
        return Path.Combine(folder.FullName, "docs");
    }

    [GeneratedRegex("^```([a-z-]+)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fences();

    [GeneratedRegex("^(\\S+)\\s+(.*?)\\s+→ (.*)$")]
    private static partial Regex Example();
}
