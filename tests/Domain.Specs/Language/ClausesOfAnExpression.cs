using System.Globalization;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Domain.Specs.Naive;

namespace TaggingPipeline.Domain.Specs.Language;

public sealed class ClausesOfAnExpression
{
    [TestCase("count(purchase) >= 1", true, "0 count(purchase) >= 1 ?")]
    [TestCase("a and (b or not c = 1)", true, "0 a ?", "7 b ?", "16 c = 1 ?")]
    [TestCase("last(browse.sku) if exists(browse) else \"x\"", false, "20 exists(browse) ?", "0 last(browse.sku)", "40 \"x\"")]
    [TestCase("tag(a) in (x, y) and tag(b)", true, "0 tag(a) in (x, y) ?", "21 tag(b) ?")]
    [TestCase("quintile(sum(browse.x) if exists(browse), 1)", false, "0 quintile(sum(browse.x) if exists(browse), 1)", "26 exists(browse) ?", "9 sum(browse.x)")]
    [TestCase("a and", true)]
    public void Are_what_and_or_not_and_if_join(string expression, bool isCondition, params string[] clauses) =>
        Assert.That(ClauseText.Of(expression, isCondition).Select(clause => $"{clause.Span.Start} {clause.Text}{(clause.IsQuestion ? " ?" : "")}"), Is.EqualTo(clauses));

    [Test]
    public void Are_those_that_reasons_show()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("TAGGING_SEED") ?? "977", CultureInfo.InvariantCulture);
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var (condition, value) = (RandomRules.Condition(random), RandomRules.Value(random));
            var rulebook = TestRulebooks.Compile([TestRulebooks.When("w", condition), TestRulebooks.Value("v", value)]);
            var outcomes = Tagging.Explain(CustomerFacts.Of(rulebook), rulebook, Instant.FromUtc(2026, 4, 1, 0, 0));
            Expect(outcomes[0].Reason, ClauseText.Of(condition, isCondition: true));
            Expect(outcomes[1].Reason, ClauseText.Of(value, isCondition: false));
        }

        static void Expect(Reason reason, IEnumerable<ClauseText> clauses) =>
            Assert.That(reason.Clauses.Select(clause => clause.Text), Is.SubsetOf(clauses.Select(clause => clause.Text)));
    }
}
