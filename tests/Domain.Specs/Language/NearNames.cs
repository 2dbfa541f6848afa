using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Specs.Language;

public sealed class NearNames
{
    private static readonly string[] Known = ["count", "sum", "purchase", "days_between", "start_of_day", "end_of_day", "in"];

    [TestCase("purchse", "purchase")]
    [TestCase("pruchase", "purchase")]
    [TestCase("purchases", "purchase")]
    [TestCase("PURCHASE", "purchase")]
    [TestCase("cuont", "count")]
    [TestCase("Sum", "sum")]
    [TestCase("sun", "sum")]
    [TestCase("daysBetween", "days_between")]
    [TestCase("IN", "in")]
    public void Are_found_for_one_or_two_typing_mistakes(string word, string near) =>
        Assert.That(Suggestions.Nearest(word, Known), Is.EqualTo(near));

    [TestCase("")]
    [TestCase("is")]
    [TestCase("cost")]
    [TestCase("order")]
    [TestCase("perches")]
    public void Are_not_invented_for_other_words(string word) => Assert.That(Suggestions.Nearest(word, Known), Is.Null);

    [Test]
    public void Are_not_looked_for_in_words_of_absurd_length() =>
        Assert.That(Suggestions.Nearest(new string('a', 1_000_000), [new string('a', 1_000_000)]), Is.Null);

    [Test]
    public void Are_the_first_of_several_equally_near() =>
        Assert.That(Suggestions.Nearest("tierx", ["tiera", "tierb"]), Is.EqualTo("tiera"));

    [Test]
    public void Are_asked_for_politely() =>
        Assert.That(Suggestions.DidYouMean("purchse", Known) + Suggestions.DidYouMean("zebra", Known), Is.EqualTo("; did you mean `purchase`?"));
}
