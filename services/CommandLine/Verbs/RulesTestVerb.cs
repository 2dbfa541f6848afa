using System.CommandLine;
using System.Text;
using TaggingPipeline.CommandLine.RuleTests;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging rules test</c></summary>
internal static class RulesTestVerb
{
    private sealed record TestOptions(string? JUnit, bool HasCoverage, int? LeastCoverage);

    public static Verb Create(Surroundings surroundings)
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = $"Test files, or folders that are searched through for *{RuleTestLoader.Extension}; the current folder where it is left out",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var junit = new Option<string?>("--junit") { Description = "Also write the results there, as JUnit XML", HelpName = "FILE" };
        var coverage = new Option<bool>("--coverage") { Description = "Also tell what of the rulebooks no test looks at" };
        var least = new Option<int?>("--min-coverage") { Description = "End with 1 where less than this of a rulebook is looked at; tells the coverage too", HelpName = "PERCENT" };
        least.Validators.Add(result =>
        {
            if (result.Tokens is [var given] && !(int.TryParse(given.Value, out var percent) && percent is >= 0 and <= 100))
                result.AddError($"--min-coverage: expected 0 to 100, found `{given.Value}`");
        });
        var verb = new Verb("test", "Run the tests of rulebooks, without server and store.", "tagging rules test rules --junit results.xml")
        {
            Remarks = """
                A test tells what a customer did, and which tags they shall have at an instant: docs/rule-tests.md. What failed is told with what the rules found.
                """,
        };
        verb.Add(paths);
        verb.Add(junit);
        verb.Add(coverage);
        verb.Add(least);
        verb.SetAction((parsed, cancellationToken) =>
        {
            var options = new TestOptions(parsed.GetValue(junit), parsed.GetValue(coverage) || parsed.GetValue(least) is not null, parsed.GetValue(least));
            return RunAsync(parsed.GetValue(paths) is { Length: > 0 } given ? given : ["."], options, surroundings, cancellationToken);
        });
        return verb;
    }

    private static async Task<int> RunAsync(string[] paths, TestOptions options, Surroundings surroundings, CancellationToken cancellationToken)
    {
        var loader = new RuleTestLoader();
        var report = new TestReport(surroundings.Output);
        var coverages = new Dictionary<TestedRulebook, RuleCoverage>(ReferenceEqualityComparer.Instance);
        var files = new List<(LoadedTests Loaded, IReadOnlyList<TestResult> Results)>();
        var elapsed = TimeSpan.Zero;
        foreach (var path in RuleTestLoader.Find(paths))
        {
            var loaded = await loader.LoadAsync(path, cancellationToken);
            foreach (var error in loaded.Errors)
                surroundings.Error.WriteLine(error);
            var begun = surroundings.Clock.GetTimestamp();
            IReadOnlyList<TestResult> results = loaded.File is { } file ? Run(file, CoverageOf(file.Rulebook), surroundings.Clock, cancellationToken) : [];
            elapsed += surroundings.Clock.GetElapsedTime(begun);
            report.WriteFile(loaded, results);
            files.Add((loaded, results));
        }

        var all = files.SelectMany(file => file.Results).ToArray();
        var failed = all.Count(result => !result.Failures.IsEmpty);
        var notRun = files.Count(file => file.Loaded.File is null);
        foreach (var coverage in coverages.Values)
            report.WriteCoverage(coverage);
        report.WriteSummary(files.Count, notRun, all.Length - failed, failed, elapsed);
        if (options.JUnit is { } junit)
            WriteJUnit(junit, files);
        var tooLow = coverages.Values.Where(coverage => coverage.Percent < options.LeastCoverage).ToArray();
        foreach (var coverage in tooLow)
            surroundings.Error.WriteLine($"{coverage.Path}: {coverage.Percent} % is looked at; expected at least {options.LeastCoverage} %");
        return failed + notRun + tooLow.Length > 0 ? ExitCode.Failed : ExitCode.Ok;

        RuleCoverage? CoverageOf(TestedRulebook rulebook)
        {
            if (options.HasCoverage && !coverages.ContainsKey(rulebook))
                coverages.Add(rulebook, new(rulebook));
            return coverages.GetValueOrDefault(rulebook);
        }
    }

    private static TestResult[] Run(RuleTestFile file, RuleCoverage? coverage, TimeProvider clock, CancellationToken cancellationToken) =>
    [
        .. file.Tests.AsParallel().AsOrdered().WithCancellation(cancellationToken).Select(test =>
        {
            var begun = clock.GetTimestamp();
            var failures = RuleTestRun.Run(test, file.InForce, coverage);
            return new TestResult(test, failures, clock.GetElapsedTime(begun));
        }),
    ];

    private static void WriteJUnit(string path, List<(LoadedTests, IReadOnlyList<TestResult>)> files)
    {
        try
        {
            using var text = new StreamWriter(path, append: false, new UTF8Encoding(false));
            JUnitReport.Write(text, files);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{path}: {failure.Message}", failure);
        }
    }
}
