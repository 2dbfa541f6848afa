using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Specs.Language;

public sealed class ParsingAnExpression
{
    [TestCase("12", "12")]
    [TestCase("0.50", "0.5")]
    [TestCase("007", "7")]
    [TestCase("79228162514264337593543950335", "79228162514264337593543950335")]
    [TestCase("0.0000000000000000000000000001", "0.0000000000000000000000000001")]
    [TestCase("2w", "<14d>")]
    [TestCase("90d", "<90d>")]
    [TestCase("36h", "<1d 12h>")]
    [TestCase("10m", "<10m>")]
    [TestCase("45s", "<45s>")]
    [TestCase("500ms", "<500ms>")]
    [TestCase("0d", "<0s>")]
    [TestCase("36500d", "<36500d>")]
    [TestCase("true", "true")]
    [TestCase("false", "false")]
    [TestCase("now", "now")]
    public void Reads_numbers_durations_and_words(string text, string tree) => Expect(text, tree);

    [TestCase("\"double\"", "'double'")]
    [TestCase("'single'", "'single'")]
    [TestCase("\"it's\"", "'it's'")]
    [TestCase("'say \"hi\"'", "'say \"hi\"'")]
    [TestCase("\"\"", "''")]
    [TestCase("""  "a\"b\\c\nd\u00e9" """, "'a\"b\\c\ndé'")]
    [TestCase("""  'it\'s' """, "'it's'")]
    [TestCase("""  "\uD83D\uDE00" """, "'😀'")]
    [TestCase("\"鞋子 = (and)\"", "'鞋子 = (and)'")]
    public void Reads_text_in_quotes_with_escapes(string text, string tree) => Expect(text, tree);

    [TestCase("category", "category")]
    [TestCase("_a1", "_a1")]
    [TestCase("context.page.url", "context/page/url")]
    [TestCase("products.0.price", "products/0/price")]
    [TestCase("products.10.2", "products/10/2")]
    [TestCase("trait.age", "trait/age")]
    [TestCase("trait.\"Home Country\".code", "trait/Home Country/code")]
    [TestCase("\"unit price\".net", "unit price/net")]
    [TestCase(".\"unit price\"", "unit price")]
    [TestCase("trait.not.in.2fa", "trait/not/in/2fa")]
    [TestCase("value-tier", "value-tier")]
    [TestCase("top-10-buyer", "top-10-buyer")]
    [TestCase("类别.価格", "类别/価格")]
    [TestCase("naïve.हिन्दी.𠀀", "naïve/हिन्दी/𠀀")]
    [TestCase("since", "since")]
    [TestCase("tag", "tag")]
    public void Reads_names_and_paths(string text, string tree) => Expect(text, tree);

    [TestCase("a - b", "(a Subtract b)")]
    [TestCase("a -1", "(a Subtract 1)")]
    [TestCase("a-1", "a-1")]
    [TestCase("a- b", "(a Subtract b)")]
    [TestCase("a--b", "(a Subtract (Negate b))")]
    [TestCase("3-1", "(3 Subtract 1)")]
    [TestCase("now-30d", "now-30d")]
    [TestCase("now - 30d", "(now Subtract <30d>)")]
    public void Takes_a_minus_between_letters_for_part_of_the_name(string text, string tree) => Expect(text, tree);

    [TestCase("a or b and c", "(a Or (b And c))")]
    [TestCase("a and b or c", "((a And b) Or c)")]
    [TestCase("(a or b) and c", "((a Or b) And c)")]
    [TestCase("not a and b", "((Not a) And b)")]
    [TestCase("not a = b", "(Not (a Equal b))")]
    [TestCase("not not a", "(Not (Not a))")]
    [TestCase("a and b and c", "((a And b) And c)")]
    [TestCase("1 + 2 * 3", "(1 Add (2 Multiply 3))")]
    [TestCase("1 - 2 - 3", "((1 Subtract 2) Subtract 3)")]
    [TestCase("8 / 4 / 2", "((8 Divide 4) Divide 2)")]
    [TestCase("-a * b", "((Negate a) Multiply b)")]
    [TestCase("- - 1", "(Negate (Negate 1))")]
    [TestCase("a + 1 > b - 1", "((a Add 1) Greater (b Subtract 1))")]
    [TestCase("a = 1 and b != 2", "((a Equal 1) And (b NotEqual 2))")]
    [TestCase("a<b or a<=b or a>b or a>=b", "((((a Less b) Or (a LessOrEqual b)) Or (a Greater b)) Or (a GreaterOrEqual b))")]
    [TestCase("((((a))))", "a")]
    public void Binds_or_weakest_and_signs_strongest(string text, string tree) => Expect(text, tree);

    [TestCase("a in (1)", "(a in 1)")]
    [TestCase("a in (1, -2.5, 'x', high, 3d, -1h, true, false)", "(a in 1|-2.5|'x'|high|<3d>|<-1h>|true|false)")]
    [TestCase("a + 1 not in (1, 2)", "((a Add 1) not in 1|2)")]
    [TestCase("not a in (b)", "(Not (a in b))")]
    [TestCase("tag(value-tier) in (high, middle) and tag(churn-risk)", "((tag:value-tier in high|middle) And tag:churn-risk)")]
    public void Reads_lists_of_values(string text, string tree) => Expect(text, tree);

    [TestCase("a if b", "(a if b)")]
    [TestCase("a if b else c", "(a if b else c)")]
    [TestCase("a if b else c if d else e", "(a if b else (c if d else e))")]
    [TestCase("a + 1 if b or c else d - 1", "((a Add 1) if (b Or c) else (d Subtract 1))")]
    [TestCase("(a if b else c) = d", "((a if b else c) Equal d)")]
    public void Reads_values_with_a_condition(string text, string tree) => Expect(text, tree);

    [TestCase("tag(value-tier)", "tag:value-tier")]
    [TestCase("tag(\"2nd buyer\")", "tag:2nd buyer")]
    [TestCase("tag(not)", "tag:not")]
    [TestCase("segment(win-back)", "segment:win-back")]
    public void Reads_tags(string text, string tree) => Expect(text, tree);

    [TestCase("round(a, 2)", "round(a, 2)")]
    [TestCase("coalesce(trait.a, trait.b, 0)", "coalesce(trait/a, trait/b, 0)")]
    [TestCase("f()", "f()")]
    [TestCase("since ( first(purchase) )", "since(first({purchase}))")]
    [TestCase("days_between(first(purchase), last(purchase))", "days_between(first({purchase}), last({purchase}))")]
    [TestCase("since(purchase)", "since(purchase)")]
    public void Reads_calls(string text, string tree) => Expect(text, tree);

    [TestCase("count(purchase)", "count({purchase})")]
    [TestCase("count(purchase, 90d)", "count({purchase}, <90d>)")]
    [TestCase("sum(purchase.total, 365d)", "sum({purchase . total}, <365d>)")]
    [TestCase("sum(purchase.products.0.price)", "sum({purchase . products/0/price})")]
    [TestCase("distinct(browse.\"product name\")", "distinct({browse . product name})")]
    [TestCase("exists(interaction[\"Product Added\"], 3d)", "exists({interaction 'Product Added'}, <3d>)")]
    [TestCase("count(purchase[category = 'shoes' and total > 100])", "count({purchase where ((category Equal 'shoes') And (total Greater 100))})")]
    [TestCase("count(event['A'][a = 1][b = 2].c)", "count({event 'A' where ((a Equal 1) And (b Equal 2)) . c})")]
    [TestCase("count(event[a = 1]['A'][b or c])", "count({event 'A' where ((a Equal 1) And (b Or c))})")]
    [TestCase("count(event['a'.b = 1])", "count({event where (a/b Equal 1)})")]
    [TestCase("none(purchase since last(interaction[\"Product Added\"]))", "none({purchase since last({interaction 'Product Added'})})")]
    [TestCase("count(purchase.total since now - 30d, 7d)", "count({purchase . total since (now Subtract <30d>)}, <7d>)")]
    [TestCase("count(purchase since (now - 1d))", "count({purchase since (now Subtract <1d>)})")]
    [TestCase("first(profile.time)", "first({profile . time})")]
    [TestCase("exists(identity)", "exists({identity})")]
    [TestCase("most(browse.category, 90d)", "most({browse . category}, <90d>)", Description = "An unknown function still gets its events")]
    public void Reads_the_events_of_aggregates(string text, string tree) => Expect(text, tree);

    [TestCase("sum(purchase.products[category = 'shoes'].price * quantity, 90d)", "sum({purchase . products[(category Equal 'shoes')] . (price Multiply quantity)}, <90d>)")]
    [TestCase("count(purchase.basket.products[])", "count({purchase . basket/products[]})")]
    [TestCase("top(purchase.products[price > 1].category)", "top({purchase . products[(price Greater 1)] . category})")]
    [TestCase("sum(purchase.(total - tax) since now)", "sum({purchase . (total Subtract tax) since now})")]
    [TestCase("sum(purchase.total - tax * 2)", "sum({purchase . (total Subtract (tax Multiply 2))})")]
    [TestCase("sum(purchase.products[].(price - 1) * 2)", "sum({purchase . products[] . ((price Subtract 1) Multiply 2)})")]
    [TestCase("count(purchase[exists(products[price > 5]) and sum(products[].price) > 9])", "count({purchase where (exists({ . products[(price Greater 5)]}) And (sum({ . products[] . price}) Greater 9))})")]
    public void Reads_line_items_and_what_is_computed_of_them(string text, string tree) => Expect(text, tree);

    [TestCase("count(browse then purchase within 2h, 30d)", "count({browse then {purchase} within 2h}, <30d>)")]
    [TestCase("none(interaction['A'][b] since c then browse['B'] within 1d then no purchase[total > 1] within 90m)",
        "none({interaction 'A' where b since c then {browse 'B'} within 1d then no {purchase where (total Greater 1)} within 1h 30m})")]
    public void Reads_sequences(string text, string tree) => Expect(text, tree);

    [TestCase("count(purchase, today)", "count({purchase}, <1 Day, 0 ago>)")]
    [TestCase("count(purchase, yesterday)", "count({purchase}, <1 Day, 1 ago>)")]
    [TestCase("count(purchase, this week)", "count({purchase}, <1 Week, 0 ago>)")]
    [TestCase("count(purchase, last quarter)", "count({purchase}, <1 Quarter, 1 ago>)")]
    [TestCase("count(purchase, 3 calendar days)", "count({purchase}, <3 Day, 0 ago>)")]
    [TestCase("count(purchase, last 2 calendar years)", "count({purchase}, <2 Year, 0 ago>)")]
    [TestCase("count(purchase, previous 30d)", "count({purchase}, <previous 30d>)")]
    [TestCase("count(purchase, previous 2 calendar months)", "count({purchase}, <2 Month, 2 ago>)")]
    [TestCase("last(purchase, last month) > now", "(last({purchase}, <1 Month, 1 ago>) Greater now)")]
    public void Reads_windows(string text, string tree) => Expect(text, tree);

    [TestCase("  a\n and\r\n\tb  ", "(a And b)")]
    [TestCase("a　and b", "(a And b)", Description = "Any blank of Unicode is a blank")]
    public void Takes_line_breaks_for_blanks(string text, string tree) => Expect(text, tree);

    [Test]
    public void Spans_cover_the_text_of_each_part()
    {
        const string Text = " (a or bb) and not count(purchase['x'][y > 1].z, 90d) in (1, -2) ";
        var root = (BinarySyntax)Parser.Parse(Text).Root!;
        var not = (UnarySyntax)root.Right;
        var list = (InSyntax)not.Operand;
        var call = (CallSyntax)list.Operand;
        var events = (EventsSyntax)call.Arguments[0];
        string At(TextSpan span) => Text.Substring(span.Start, span.Length);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(At(root.Span), Is.EqualTo(Text.Trim()));
            Assert.That(At(root.Left.Span), Is.EqualTo("(a or bb)"), "the parentheses belong to the part");
            Assert.That(At(((BinarySyntax)root.Left).Right.Span), Is.EqualTo("bb"));
            Assert.That(At(not.Span), Is.EqualTo("not count(purchase['x'][y > 1].z, 90d) in (1, -2)"));
            Assert.That(At(list.Options[1].Span), Is.EqualTo("-2"));
            Assert.That(At(call.Span), Is.EqualTo("count(purchase['x'][y > 1].z, 90d)"));
            Assert.That(At(call.NameSpan), Is.EqualTo("count"));
            Assert.That(At(events.Span), Is.EqualTo("purchase['x'][y > 1].z"));
            Assert.That(At(events.Filter!.Span), Is.EqualTo("y > 1"));
        }
    }

    [Test]
    public void Spans_of_tags_cover_their_key()
    {
        var tag = (TagSyntax)Parser.Parse("tag( 'a b' )").Root!;
        Assert.That((tag.Span, tag.KeySpan), Is.EqualTo((new TextSpan(0, 12), new TextSpan(5, 5))));
    }

    private static void Expect(string text, string tree)
    {
        var parsed = Parser.Parse(text);
        Assert.That(parsed.Errors, Is.Empty);
        Assert.That(TreeText.Of(parsed.Root), Is.EqualTo(tree));
    }
}
