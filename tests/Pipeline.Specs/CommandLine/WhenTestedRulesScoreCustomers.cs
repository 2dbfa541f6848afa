using System.Text.RegularExpressions;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

/// <summary>A test file says how the population stands, which one customer's story cannot.</summary>
public sealed partial class WhenTestedRulesScoreCustomers
{
    private const string Shop = """
        rulebook: shop
        tags:
          - { key: spending, category: value, value: "quintile(sum(purchase.total, 365d))" }
          - { key: rank, category: value, value: "percentile(sum(purchase.total, 365d))" }
          - { key: orders, category: value, value: quintile(count(purchase)) }

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

    [TestCase(0, 1, 0)]
    [TestCase(50, 1, 0)]
    [TestCase(50.01, 2, 20)]
    [TestCase(75, 2, 29, Description = "The cut at 30 % lies half the way from 50 to 100.")]
    [TestCase(75.01, 2, 30)]
    [TestCase(100, 2, 39)]
    [TestCase(400, 4, 79)]
    [TestCase(400.01, 5, 99)]
    public async Task Four_cuts_are_the_fifths_and_what_lies_between_is_in_proportion(decimal spent, int fifth, int percentile) =>
        await PassAsync("[50, 100, 200, 400]", spent, $"spending: {fifth}, rank: {percentile}");

    [TestCase(20, 1, 19)]
    [TestCase(20.5, 2, 20)]
    [TestCase(99.5, 5, 99)]
    public async Task Ninety_nine_are_the_percentiles(decimal spent, int fifth, int percentile) =>
        await PassAsync($"[{string.Join(", ", Enumerable.Range(1, 99))}]", spent, $"spending: {fifth}, rank: {percentile}");

    [Test]
    public async Task A_number_without_cuts_is_not_scored() => await PassAsync("[50, 100, 200, 400]", 100, "orders: none");

    [Test]
    public async Task Without_a_population_nothing_is()
    {
        var ending = await RunAsync("tests:\n  - { name: it, at: 2026-01-01, events: [{ at: -1d, purchase: { total: 900 } }], expect: { spending: none, rank: none } }\n");

        Assert.That(ending.ExitCode, Is.Zero, ending.Output + ending.Error);
    }

    [Test]
    public async Task The_example_of_the_reference_passes()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(RealData.Root, "docs", "rule-tests.md"));
        var ending = await RunAsync(Example().Match(page).Groups[1].Value);

        Assert.Multiple(() =>
        {
            Assert.That(ending.ExitCode, Is.Zero, ending.Output + ending.Error);
            Assert.That(ending.Output, Does.Contain("1 passed"));
        });
    }

    [TestCase("x", "1:13: population: expected a map of the numbers that are scored to their cuts")]
    [TestCase("{ sum(purchase.total): [1, 2, 3, 4] }", "1:15: population: the rulebook scores no number that is written `sum(purchase.total)`: expected `sum(purchase.total, 365d)` or `count(purchase)`")]
    [TestCase("{ count(purchase): [1, 2, 3] }", "1:32: population: expected a list of numbers, none smaller than the one before: 4 for the quantiles")]
    [TestCase("{ count(purchase): [1, 2, 4, 3] }", "1:32: population: expected a list of numbers")]
    [TestCase("{ count(purchase): [1, 2, 3, many] }", "1:32: population: expected a list of numbers")]
    [TestCase("{ count(purchase): 4 }", "1:32: population: expected a list of numbers")]
    public async Task A_mistake_in_it_is_told_with_its_place(string population, string error)
    {
        var ending = await RunAsync($"population: {population}\ntests: []\n");

        Assert.Multiple(() =>
        {
            Assert.That(ending.ExitCode, Is.EqualTo(1));
            Assert.That(ending.Error, Does.Contain(error));
        });
    }

    [Test]
    public async Task A_rulebook_that_scores_nobody_has_no_population()
    {
        _run.Write("shop.yaml", "rulebook: shop\ntags:\n  - { key: a, category: basic, when: trait.a }\n");
        var ending = await RunAsync("population: { count(purchase): [1, 2, 3, 4] }\ntests: []\n");

        Assert.That(ending.Error, Does.Contain("1:15: population: the rulebook scores no number that is written `count(purchase)`: expected none, since it has no `quintile(…)`"));
    }

    private async Task PassAsync(string cuts, decimal spent, string expected)
    {
        var ending = await RunAsync(FormattableString.Invariant($$"""
            population:
              sum(purchase.total,  365d): {{cuts}}
            tests:
              - { name: it, at: 2026-01-01, events: [{ at: -1d, purchase: { total: {{spent}} } }], expect: { {{expected}} } }

            """));

        Assert.That(ending.ExitCode, Is.Zero, ending.Output + ending.Error);
    }

    private Task<Ending> RunAsync(string tests) => _run.RunAsync("rules", "test", _run.Write("shop.test.yaml", tests));

    [GeneratedRegex("^```yaml\n(population:.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Example();
}
