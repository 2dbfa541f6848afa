using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Specs.Language;

/// <summary>Each case: the text, the piece of it that the error points at (empty: the end), and what the message says.</summary>
public sealed class MistakesInAnExpression
{
    [TestCase("a == b", "==", "write `=`")]
    [TestCase("a === b", "===", "write `=`")]
    [TestCase("a && b", "&&", "write `and`")]
    [TestCase("a || b", "||", "write `or`")]
    [TestCase("!a", "!", "write `not`")]
    [TestCase("a <> b", "<>", "write `!=`")]
    [TestCase("a => b", "=>", "write `>=`")]
    [TestCase("a =< b", "=<", "write `<=`")]
    [TestCase("a ≥ b", "≥", "write `>=`")]
    [TestCase("a × b", "×", "write `*`")]
    [TestCase("a – b", "–", "write `-`")]
    [TestCase("count（purchase)", "（", "write `(`")]
    public void Signs_of_other_languages(string text, string at, string message) => ExpectOne(text, at, message);

    [TestCase("a < b < c", "<", 6, "not chained: write `a < b and b < c`")]
    [TestCase("a = b in (c)", "in", 6, "not chained")]
    [TestCase("a in (b) = c", "=", 9, "not chained")]
    public void Chained_comparisons(string text, string at, int offset, string message)
    {
        var error = ExpectOne(text, at, message);
        Assert.That(error.Span.Start, Is.EqualTo(offset));
    }

    [TestCase("a AND b", "AND", "did you mean `and`?")]
    [TestCase("a adn b", "adn", "did you mean `and`?")]
    [TestCase("a Or b", "Or", "did you mean `or`?")]
    [TestCase("NOT a", "NOT", "did you mean `not`?")]
    [TestCase("NOT(a)", "NOT", "did you mean `not`?")]
    [TestCase("a IN (b)", "IN", "did you mean `in`?")]
    [TestCase("a NOT in (b)", "NOT", "did you mean `not`?")]
    [TestCase("a not IN (b)", "IN", "did you mean `in`?")]
    [TestCase("a IF b", "IF", "did you mean `if`?")]
    [TestCase("a when b", "when", "did you mean `if`?")]
    [TestCase("a is b", "is", "did you mean `=`?")]
    [TestCase("a = TRUE", "TRUE", "did you mean `true`?")]
    [TestCase("a in (False, b)", "False", "did you mean `false`?")]
    [TestCase("since(Now)", "Now", "did you mean `now`?")]
    [TestCase("count(purchse)", "purchse", "did you mean `purchase`?")]
    [TestCase("count(Purchase[a > 1].b since c, 3d)", "Purchase", "did you mean `purchase`?")]
    [TestCase("count(purchases, 90d)", "purchases", "did you mean `purchase`?")]
    [TestCase("count(purchase sicne a)", "sicne", "did you mean `since`?")]
    public void Mistyped_words_get_a_suggestion(string text, string at, string message) => ExpectOne(text, at, message);

    [TestCase("1_000", "1_000", "write `1000`")]
    [TestCase("1.5h", "1.5h", "whole number")]
    [TestCase("90days", "90days", "did you mean `d`?")]
    [TestCase("6months", "6months", "months and years differ in length")]
    [TestCase("90D", "90D", "did you mean `d`?")]
    [TestCase("1d12h", "1d12h", "several units are added")]
    [TestCase("1e5", "1e5", "neither a number nor a duration")]
    [TestCase("90 d", "d", "without a blank")]
    [TestCase("36501d", "36501d", "at most 36500d")]
    [TestCase("99999999999999999999999999999999w", "99999999999999999999999999999999w", "at most 36500d")]
    [TestCase("79228162514264337593543950336", "79228162514264337593543950336", "too large")]
    [TestCase("0.12345678901234567890123456789", "0.12345678901234567890123456789", "too many digits")]
    [TestCase("a > .5", ".", "write `0.5`")]
    [TestCase("a > 2024-02-29", "2024-02-29", "write \"2024-02-29\"")]
    [TestCase("a > 2024-02-29T10:00:00Z", "2024-02-29T10:00:00Z", "stands in quotes")]
    public void Numbers_and_durations(string text, string at, string message) => ExpectOne(text, at, message);

    [TestCase("a = \"open", "\"open", "no closing `\"`")]
    [TestCase("a = 'open\n and b", "'open", "no closing `'`")]
    [TestCase("""a = "x\t" """, "\\", "a `\\` in a text")]
    [TestCase("""a = "\u12" """, "\\", "four hexadecimal digits")]
    [TestCase("""a = "\uD83D!" """, "\"\\uD83D!\"", "half of a character")]
    [TestCase("a = “Paris”", "“Paris”", "quotes are straight")]
    [TestCase("a = ‘Paris’", "‘Paris’", "quotes are straight")]
    public void Text(string text, string at, string message) => ExpectOne(text, at, message);

    [TestCase("", "", "expected a value")]
    [TestCase("  \n ", "", "expected a value")]
    [TestCase("a and", "", "found the end")]
    [TestCase("and a", "and", "expected a value")]
    [TestCase("a = = b", "=", "expected a value")]
    [TestCase("a * / b", "/", "expected a value")]
    [TestCase("(a", "", "expected `)`; found the end")]
    [TestCase("a)", ")", "no `(` is open")]
    [TestCase("(a]", "]", "expected `)`; found `]`")]
    [TestCase("(a, b) = c", ",", "expected `)`; found `,`")]
    [TestCase("a b", "b", "expected an operator such as `and`")]
    [TestCase("a 'b'", "'b'", "or the end; found `'b'`")]
    [TestCase("a not = b", "=", "expected `in` after `not`")]
    [TestCase("a else b", "else", "expected `if` and a condition before `else`")]
    [TestCase("a.", "", "after the dot")]
    [TestCase("a..b", ".", "after the dot")]
    [TestCase("1.2.3", ".", "expected an operator")]
    [TestCase("a % b and c", "%", "`%` has no meaning")]
    [TestCase("a > 5€", "€", "`€` has no meaning")]
    [TestCase("€5 < a", "€", "`€` has no meaning")]
    [TestCase("{a", "{", "`{` has no meaning")]
    [TestCase("a \u200b= b", "\u200b", "invisible character U+200B")]
    [TestCase("\0", "\0", "invisible character U+0000")]
    public void What_does_not_belong_there(string text, string at, string message) => ExpectOne(text, at, message);

    [TestCase("a in b", "b", "expected `(` and a list of values")]
    [TestCase("a in ()", ")", "as value of the list")]
    [TestCase("a in (1,)", ")", "as value of the list")]
    [TestCase("a in (1 2)", "2", "expected `,` or `)`")]
    [TestCase("a in (big spender, x)", "spender", "text of several words stands in quotes")]
    [TestCase("a in (trait.x, 2)", "trait", "as value of the list")]
    [TestCase("a in (or, b)", "or", "stands in quotes there")]
    [TestCase("a in (now)", "now", "stands in quotes there")]
    [TestCase("a in (1", "", "expected `)`")]
    public void Lists_of_values(string text, string at, string message) => ExpectOne(text, at, message);

    [TestCase("count(purchase", "", "expected `)`")]
    [TestCase("count(purchase,)", ")", "expected a value")]
    [TestCase("count(purchase 90d)", "90d", "expected `,` or `)` to close `count(`")]
    [TestCase("round(a b, 2)", "b", "expected `,` or `)` to close `round(`")]
    [TestCase("count()", ")", "expected events, which start with purchase, browse")]
    [TestCase("sum(3)", "3", "as in `sum(purchase.total)`")]
    [TestCase("count(\"Order Completed\")", "\"Order Completed\"", "event[\"Order Completed\"]")]
    [TestCase("count(trait.x)", "trait", "is not a kind of event")]
    [TestCase("count(purchase[])", "]", "an event's name in quotes, or a condition")]
    [TestCase("count(purchase[a > 1, b])", ",", "`and` and a further condition")]
    [TestCase("count(purchase[a > 1)", ")", "expected `]`")]
    [TestCase("count(event['A']['B'])", "'B'", "an event has one name")]
    [TestCase("sum(purchase.products[].taxes[a > 1].b, 3d)", "[", "one list is looked into")]
    [TestCase("sum(purchase.total.(a + b))", ".", "right after the events or the list")]
    [TestCase("count(purchase[exists(products)])", ")", "`[` and `]` after the list")]
    [TestCase("count(browse then purchase)", ")", "`within` and a duration after each step")]
    [TestCase("count(browse then purchase within 2)", "2", "a duration after `within`")]
    [TestCase("count(browse then 2h)", "2h", "events after `then`, which start with")]
    [TestCase("count(browse then no purchase within 2h then purchase within 2h)", "then", "nothing can follow what does not happen")]
    [TestCase("count(purchase, this)", ")", "expected `day`, `week`, `month`, `quarter` or `year`")]
    [TestCase("count(purchase, last 7 days)", "days", "`calendar` before `days`, as in `7 calendar days`, or a duration, such as `7d`")]
    [TestCase("count(purchase, 3 calendar fortnights)", "fortnights", "`days`, `weeks`, `months`, `quarters` or `years`")]
    [TestCase("count(purchase, 0 calendar days)", "days", "a whole number of days, 1 to 36500")]
    [TestCase("count(purchase, previous month)", "month", "a duration or calendar units after `previous`")]
    [TestCase("since(purchase['A'])", "[", "brackets select events within an aggregate")]
    [TestCase("products[0].price > 1", "[", "products.0.price")]
    [TestCase("tag()", ")", "the key of a tag")]
    [TestCase("tag(a b)", "b", "stands in quotes")]
    [TestCase("tag(value-tier, 1)", ",", "expected `)`")]
    public void Calls_and_events(string text, string at, string message) => ExpectOne(text, at, message);

    [Test]
    public void Several_are_reported_in_the_order_of_the_text()
    {
        const string Text = "count(purchse) > 3 && avg(browse[].price, 30days) == 1_0 or (a + ) in ()";
        var errors = Parser.Parse(Text).Errors;
        Assert.That(errors.Select(error => TextAt(Text, error.Span)), Is.EqualTo(new[] { "purchse", "&&", "]", "30days", "==", "1_0", ")", ")" }));
    }

    [Test]
    public void No_more_than_twenty_are_reported()
    {
        var errors = Parser.Parse(string.Concat(Enumerable.Repeat("a == b && ", 100)) + "a").Errors;
        Assert.That(errors, Has.Length.EqualTo(Parser.MostErrors));
        Assert.That(errors[^1].Span.Start, Is.LessThan(120));
    }

    [Test]
    public void A_tree_never_comes_with_errors() => Assert.That(Parser.Parse("a == b").Root, Is.Null);

    private static SyntaxError ExpectOne(string text, string at, string message)
    {
        var errors = Parser.Parse(text).Errors;
        Assert.That(errors, Has.Length.EqualTo(1), string.Join('\n', errors));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(TextAt(text, errors[0].Span), Is.EqualTo(at), errors[0].Message);
            Assert.That(errors[0].Message, Does.Contain(message));
        }

        return errors[0];
    }

    private static string TextAt(string text, TextSpan span) => text.Substring(span.Start, span.Length);
}
