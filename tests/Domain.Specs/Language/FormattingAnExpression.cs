using System.Globalization;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Domain.Specs.Naive;

namespace TaggingPipeline.Domain.Specs.Language;

public sealed class FormattingAnExpression
{
    [TestCase("count(purchase)>=1", "count(purchase) >= 1")]
    [TestCase("  a  =  1  ", "a = 1")]
    [TestCase("sum ( purchase . total ,365d )", "sum(purchase.total, 365d)")]
    [TestCase("sum( purchase [ category=\"shoes\" ] [total>1] .total,365d )", "sum(purchase[category = \"shoes\"][total > 1].total, 365d)")]
    [TestCase("exists(interaction [\"Product Added\"],3d)", "exists(interaction[\"Product Added\"], 3d)")]
    [TestCase("not(a)and(b or c)", "not (a) and (b or c)")]
    [TestCase("a in(1,2)", "a in (1, 2)")]
    [TestCase("a not in ( \"x y\" )", "a not in (\"x y\")")]
    [TestCase("- 1 + -a*- ( 2 )", "-1 + -a * -(2)")]
    [TestCase("a -1", "a - 1")]
    [TestCase("1-2", "1 - 2")]
    [TestCase("value-tier=1", "value-tier = 1")]
    [TestCase("round(a/b,2) if c>0 else- 1", "round(a / b, 2) if c > 0 else -1")]
    [TestCase("purchase[.\"gift wrap\"=true and .\"in\"=1]", "purchase[.\"gift wrap\" = true and .\"in\" = 1]")]
    [TestCase("none(purchase since(last(browse)+1d))", "none(purchase since (last(browse) + 1d))")]
    [TestCase("since (last (purchase))", "since(last(purchase))")]
    [TestCase("a\n   and   b  \n\n  or c", "a\n   and b\n\n  or c")]
    [TestCase("tag( value-tier )in(high,middle)", "tag(value-tier) in (high, middle)")]
    [TestCase("sum(products[category=\"x\"].( price*quantity ))", "sum(products[category = \"x\"].(price * quantity))")]
    [TestCase("exists(browse then no(purchase)within 2h)", "exists(browse then no (purchase) within 2h)")]
    [TestCase("a && b", "a && b", TestName = "What does not consist of tokens is left")]
    [TestCase("", "")]
    public void Puts_its_blanks_in_order(string text, string expected) => Assert.That(ExpressionText.Format(text), Is.EqualTo(expected));

    [Test]
    public void Leaves_its_meaning_and_is_done_once()
    {
        var rounds = Environment.GetEnvironmentVariable("TAGGING_LONG") == "1" ? 100_000 : 5_000;
        var seed = int.Parse(Environment.GetEnvironmentVariable("TAGGING_SEED") ?? "4711", CultureInfo.InvariantCulture);
        TestContext.Out.WriteLine($"seed {seed}, {rounds} expressions");
        var random = new Random(seed);
        for (var round = 0; round < rounds; round++)
        {
            var text = SloppyText.Of(random.Next(3) == 0 ? RandomRules.Value(random) : RandomRules.Condition(random), random, lineBreak: "\n  ");
            var formatted = ExpressionText.Format(text);
            if (TreeText.Of(Parser.Parse(formatted).Root) != TreeText.Of(Parser.Parse(text).Root) || ExpressionText.Format(formatted) != formatted)
                Assert.Fail($"{text}\n{formatted}\n{ExpressionText.Format(formatted)}");
            Assert.That(Parser.Parse(text).Errors, Is.Empty, text);
        }
    }
}
