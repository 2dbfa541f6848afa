using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Specs.Language;

public sealed class LimitsOfAnExpression
{
    [TestCase("(", "a", ")", 64)]
    [TestCase("not ", "a", "", 64)]
    [TestCase("-", "1", "", 64)]
    [TestCase("f(", "1", ")", 64)]
    [TestCase("a if b else ", "c", "", 64)]
    [TestCase("count(purchase[", "a", "])", 32)]
    public void Nesting_is_allowed_up_to_64_levels(string open, string inner, string close, int most)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Parser.Parse(Nested(most)).Errors, Is.Empty);
            var refused = Parser.Parse(Nested(most + 1)).Errors;
            Assert.That(refused.Select(error => error.Message), Is.EqualTo(new[] { "the expression is nested too deeply: expected at most 64 levels" }));
            Assert.That(refused[0].Span.Start, Is.GreaterThanOrEqualTo(most * open.Length - "if b else ".Length).And.LessThan((most + 1) * open.Length));
        }

        string Nested(int levels) => Repeat(open, levels) + inner + Repeat(close, levels);
    }

    [TestCase("(")]
    [TestCase("[")]
    [TestCase("-")]
    [TestCase("not ")]
    [TestCase("f(")]
    [TestCase("count(event[")]
    [TestCase("a if ")]
    [TestCase("a if b else ")]
    [TestCase("$ ")]
    [TestCase("a.")]
    [TestCase("\\")]
    [TestCase("\"")]
    [TestCase("a in (")]
    public void Endless_repetition_is_an_error(string piece)
    {
        var text = Repeat(piece, Parser.LongestText / piece.Length);
        var errors = Parser.Parse(text).Errors;
        Assert.That(errors, Is.Not.Empty);
        Assert.That(errors, Has.All.Matches<SyntaxError>(error => error.Span.Start >= 0 && error.Span.End <= text.Length));
    }

    [Test]
    public void Five_hundred_operators_are_allowed()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Parser.Parse("1" + Repeat("+1", 500)).Errors, Is.Empty);
            var refused = Parser.Parse("1" + Repeat("+1", 501)).Errors;
            Assert.That(refused.Single().Message, Does.Contain("at most 500 operators"));
            Assert.That(refused.Single().Span, Is.EqualTo(new TextSpan(1001, 1)));
        }
    }

    [Test]
    public void A_text_of_8192_characters_is_read_and_a_longer_one_refused()
    {
        var longest = "a" + new string(' ', Parser.LongestText - 1);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Parser.Parse(longest).Errors, Is.Empty);
            var refused = Parser.Parse(longest + "  ").Errors;
            Assert.That(refused.Single().Span, Is.EqualTo(new TextSpan(Parser.LongestText, 2)));
            Assert.That(refused.Single().Message, Does.Contain("expected at most 8192"));
        }
    }

    [Test]
    public void A_number_with_thousands_of_digits_is_an_error()
    {
        var digits = new string('9', 8_000);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Parser.Parse(digits).Errors.Single().Message, Does.Contain("too large"));
            Assert.That(Parser.Parse(digits + "d").Errors.Single().Message, Does.Contain("at most 36500d"));
            Assert.That(Parser.Parse("0." + digits).Errors.Single().Message, Does.Contain("too many digits"));
            Assert.That(Parser.Parse(new string('0', 8_000) + "1").Errors, Is.Empty);
        }
    }

    private static string Repeat(string piece, int times) => string.Concat(Enumerable.Repeat(piece, times));
}
