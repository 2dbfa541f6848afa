using System.Globalization;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.CommandLine.RuleTests;

/// <summary>Tells how tests came out, for a person to read.</summary>
internal sealed class TestReport(TextWriter output)
{
    public void WriteFile(LoadedTests loaded, IReadOnlyList<TestResult> results)
    {
        var failed = results.Where(result => !result.Failures.IsEmpty).ToArray();
        foreach (var result in failed)
            Write(loaded.Path, result);
        if (loaded.File is not null)
            output.WriteLine($"{loaded.Path}: {results.Count - failed.Length} passed{(failed.Length > 0 ? $", {failed.Length} failed" : "")}");
        else
            output.WriteLine($"{loaded.Path}: not run");
    }

    public void WriteCoverage(RuleCoverage coverage)
    {
        output.WriteLine($"coverage of {coverage.Path}: {coverage.Percent} % ({coverage.Covered} of {coverage.Outcomes} outcomes)");
        foreach (var gap in coverage.Gaps())
            output.WriteLine($"  {coverage.Path}:{gap}");
    }

    /// <param name="elapsed">Of running the tests alone.</param>
    public void WriteSummary(int files, int notRun, int passed, int failed, TimeSpan elapsed)
    {
        var tests = passed + failed;
        var rate = tests > 0 && elapsed > TimeSpan.Zero
            ? string.Create(CultureInfo.InvariantCulture, $" in {elapsed.TotalMilliseconds:F0} ms ({tests / elapsed.TotalSeconds:N0} a second)")
            : "";
        output.WriteLine($"{Count(tests, "test")} of {Count(files, "file")}: {passed} passed, {failed} failed{rate}{(notRun > 0 ? $"; {Count(notRun, "file")} with errors" : "")}");
    }

    /// <summary>A failed test as lines: what was expected and found, and why.</summary>
    public static IEnumerable<string> LinesOf(TestResult result)
    {
        foreach (var instant in result.Failures.GroupBy(failure => failure.At))
        {
            yield return $"as of {Value.Of(instant.Key)}";
            foreach (var failure in instant)
            {
                yield return $"  {failure.What}: expected {failure.Expected}, found {failure.Found} (line {failure.Line})";
                foreach (var line in failure.Why)
                    yield return $"    {line}";
            }
        }
    }

    private void Write(string path, TestResult result)
    {
        output.WriteLine($"FAILED {path}:{result.Test.Line}: {result.Test.Name}");
        foreach (var line in LinesOf(result))
            output.WriteLine($"  {line}");
        output.WriteLine();
    }

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
