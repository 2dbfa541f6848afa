using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Domain.Specs.Rulebooks;

/// <summary>An error within an expression is shown where it stands in the file, however YAML writes the expression.</summary>
public sealed class PlacesInARulebookFile
{
    [TestCase("when: one two XX", "one two XX", TestName = "Plain")]
    [TestCase("when:    one  two   XX   # comment", "one  two   XX", TestName = "Plain with blanks and a comment")]
    [TestCase("when: one\n      two\n\n       three XX", "one\ntwo\n\nthree XX", TestName = "Plain over several lines")]
    [TestCase("when: one\r\n      two XX\r\n", "one\ntwo XX", TestName = "Plain with Windows line ends")]
    [TestCase("when:\n      one\n      XX", "one\nXX", TestName = "Plain on lines of its own")]
    [TestCase("when: 'one ''two'' XX'", "one 'two' XX", TestName = "Single quotes with escapes")]
    [TestCase("when: 'one ''two''\n       three ''XX'''", "one 'two'\nthree 'XX'", TestName = "Single quotes over two lines")]
    [TestCase("when: \"one \\\"two\\\" XX\"", "one \"two\" XX", TestName = "Double quotes with escapes")]
    [TestCase("when: \"one \\u00e9\\x41\\\\ XX\"", "one éA\\ XX", TestName = "Double quotes with codes")]
    [TestCase("when: \"one \\\"  \n\n     two \\\" XX\"", "one \"\n\ntwo \" XX", TestName = "Double quotes over several lines")]
    [TestCase("when: \"one\\ntwo XX\"", "one\ntwo XX", TestName = "Double quotes with a line break as escape")]
    [TestCase("when: |\n      one\n        two\n\n      XX\n", "one\n  two\n\nXX", TestName = "Literal block")]
    [TestCase("when: |-  # comment\n\n      one\n      XX", "\none\nXX", TestName = "Literal block with an empty first line")]
    [TestCase("when: |2\n        one\n      XX", "one\nXX", TestName = "Literal block with its indentation given")]
    [TestCase("when: >-\n      one\n      two\n\n      XX\n\n\n", "one\ntwo\n\nXX", TestName = "Folded block")]
    [TestCase("when: >\r\n      one\r\n      XX\r\n", "one\nXX", TestName = "Folded block with Windows line ends")]
    [TestCase("{ when: one XX, other: 1 }", "one XX", TestName = "Within braces")]
    [TestCase("when: \"\\U0001F600 XX\"", "\U0001F600 XX", false, TestName = "An escape that is not followed: the value is right, the column near")]
    [TestCase("when: \"one\\\n     XX\"", "oneXX", false, TestName = "A line break that is escaped: the value is right, the column near")]
    public void Are_found(string when, string text, bool isExact = true)
    {
        var newLine = when.Contains('\r', StringComparison.Ordinal) ? "\r\n" : "\n";
        var yaml = when[0] == '{'
            ? $"rulebook: x{newLine}segments:{newLine}  - {when.Replace("other: 1", "key: k", StringComparison.Ordinal)}{newLine}"
            : $"rulebook: x{newLine}segments:{newLine}  - key: k{newLine}    {when}{newLine}";
        var (definition, errors) = RulebookFile.Parse(yaml);
        Assert.That(errors, Is.Empty);
        var source = definition!.Segments[0].When;
        var lines = yaml.Split(newLine);
        var line = Array.FindIndex(lines, line => line.Contains("XX", StringComparison.Ordinal));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(source.Text.Trim(), Is.EqualTo(text.Trim()));
            if (isExact)
                Assert.That(source.PositionOf(source.Text.IndexOf("XX", StringComparison.Ordinal)), Is.EqualTo(new SourcePosition(line + 1, lines[line].IndexOf("XX", StringComparison.Ordinal) + 1)));
        }
    }
}
