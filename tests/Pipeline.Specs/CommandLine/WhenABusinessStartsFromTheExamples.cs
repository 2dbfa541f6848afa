using System.Globalization;
using System.Text;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

public sealed class WhenABusinessStartsFromTheExamples
{
    private static readonly string[] Rulebooks = ["web-shop", "bank", "travel", "rfm"];

    /// <summary>The published segments, the first that holds counting: from and to of recency, frequency and monetary value.</summary>
    private static readonly (string Tier, string Segment, int[] Bounds)[] Published =
    [
        ("Champions", "champions", [5, 5, 5, 5, 5, 5]),
        ("Potential Loyalist", "potential-loyalists", [3, 5, 3, 5, 2, 5]),
        ("Loyal Customers", "loyal-customers", [2, 4, 2, 4, 2, 4]),
        ("Promising", "promising", [3, 4, 1, 3, 3, 5]),
        ("New Customers", "new-customers", [4, 5, 1, 3, 1, 5]),
        ("Can't Lose Them", "cannot-lose-them", [1, 2, 3, 4, 4, 5]),
        ("At Risk", "at-risk", [1, 2, 2, 5, 4, 5]),
        ("Need Attention", "need-attention", [1, 3, 3, 5, 3, 5]),
        ("About To Sleep", "about-to-sleep", [2, 3, 1, 3, 1, 4]),
        ("Lost", "lost-customers", [1, 1, 1, 5, 1, 5]),
    ];

    private CommandRun _run = null!;

    [SetUp]
    public void Start() => _run = new();

    [TearDown]
    public void Stop() => _run.Dispose();

    [TestCaseSource(nameof(Rulebooks))]
    public async Task Their_stories_look_at_every_outcome_of_every_rule(string rulebook)
    {
        var stories = Directory.GetFiles(Path.GetDirectoryName(RealData.Example(rulebook))!, $"{rulebook}*.test.yaml");
        var ending = await _run.RunAsync(["rules", "test", .. stories, "--min-coverage", "100"]);

        Assert.That(ending.ExitCode, Is.Zero, ending.Output + ending.Error);
    }

    [TestCaseSource(nameof(Rulebooks))]
    public async Task They_have_no_errors_and_are_well_formatted(string rulebook)
    {
        var check = await _run.RunAsync("rules", "check", RealData.Example($"{rulebook}.yaml"));
        var format = await _run.RunAsync("rules", "fmt", "--check", RealData.Example($"{rulebook}.yaml"));

        Assert.That((check.ExitCode, format.ExitCode), Is.EqualTo((0, 0)), check.Error + format.Output + format.Error);
    }

    [Test]
    public async Task All_125_scores_of_the_web_shop_fall_into_the_published_segments()
    {
        var tests = _run.Write("all.test.yaml", AllScores());
        var ending = await _run.RunAsync("rules", "test", tests);

        Assert.Multiple(() =>
        {
            Assert.That(ending.ExitCode, Is.Zero, ending.Output + ending.Error);
            Assert.That(ending.Output, Does.Contain("125 passed"));
        });
    }

    /// <summary>A story for each score: cuts of the population are 1 to 4, so frequency and money are the scores, and days since the last order are five less recency.</summary>
    private static string AllScores()
    {
        var stories = new StringBuilder($$"""
            rulebook: {{RealData.Example("web-shop.yaml")}}
            population:
              days_between(last(purchase), now): [0, 1, 2, 3]
              distinct(purchase.date, 730d) if exists(purchase): [1, 2, 3, 4]
              sum(purchase.total, 730d) if exists(purchase): [1, 2, 3, 4]
            tests:

            """);
        foreach (var recency in Enumerable.Range(1, 5))
        {
            foreach (var frequency in Enumerable.Range(1, 5))
            {
                foreach (var monetary in Enumerable.Range(1, 5))
                {
                    var tier = Published.FirstOrDefault(segment => IsWithin(segment.Bounds, recency, frequency, monetary)).Tier;
                    var orders = Enumerable.Range(0, frequency).Select(order => string.Create(
                        CultureInfo.InvariantCulture, $"{{ at: -{5 - recency + order}d, purchase: {{ total: {(order == 0 ? monetary : 0)} }} }}"));
                    var segments = Published.Select(segment => $"{segment.Segment}: {(segment.Tier == tier ? "true" : "false")}");
                    stories.AppendLine(CultureInfo.InvariantCulture, $$"""
                          - name: {{recency}}{{frequency}}{{monetary}}
                            at: 2026-06-15T12:00:00Z
                            events: [{{string.Join(", ", orders)}}]
                            expect: { rfm-recency: {{recency}}, rfm-frequency: {{frequency}}, rfm-monetary: {{monetary}}, rfm-segment: "{{tier ?? "Others"}}" }
                            segments: { {{string.Join(", ", segments)}} }
                        """);
                }
            }
        }

        return stories.ToString();
    }

    private static bool IsWithin(int[] bounds, params int[] scores) => scores.Select((score, i) => score >= bounds[2 * i] && score <= bounds[(2 * i) + 1]).All(isWithin => isWithin);
}
