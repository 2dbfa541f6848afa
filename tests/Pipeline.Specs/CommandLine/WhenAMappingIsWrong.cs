using TaggingPipeline.CommandLine;
using TaggingPipeline.CommandLine.Mapping;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

public sealed class WhenAMappingIsWrong
{
    [TestCase("custmer: \"{who}\"\ntime: \"{at}\"\nevents: [{ name: x }]", "1:1: a mapping has no key `custmer`; did you mean `customer`?")]
    [TestCase("format: cvs\ncustomer: a\ntime: b\nevents: [{ name: x }]", "1:9: there is no format `cvs`; did you mean `csv`?")]
    [TestCase("customer: \"{who\"\ntime: b\nevents: [{ name: x }]", "1:11: customer: a `{` is never closed (write `{{` for a brace)")]
    [TestCase("customer: {who}\ntime: b\nevents: [{ name: x }]", "1:11: customer: expected text (in quotes: \"{who}\")")]
    [TestCase("customer: a\ntime: { column: at, zone: Europe/Londn }\nevents: [{ name: x }]", "2:27: there is no time zone `Europe/Londn`; did you mean `Europe/London`?")]
    [TestCase("customer: a\ntime: { column: at, pattern: qq }\nevents: [{ name: x }]", "2:30: pattern: `qq` is not a date pattern")]
    [TestCase("customer: a\ntime: b\nevents: [{ name: x, kind: purchse }]", "3:27: there is no kind `purchse`; did you mean `purchase`?")]
    [TestCase("customer: a\ntime: b\nevents: [{ name: x, properties: { n: { number: a * } } }]", "3:48: n: `a *`, character 4: expected a column, a number")]
    [TestCase("customer: a\ntime: b\nevents: [{ name: x, properties: { n: { number: (a } } }]", "3:48: n: `(a`, character 3: expected `)`")]
    [TestCase("customer: a\ntime: b\nevents: [{ name: x, when: { column: a, startWith: b } }]", "3:40: a condition has no key `startWith`; did you mean `startsWith`?")]
    [TestCase("customer: a\ntime: b\nevents: [{ name: x, when: { column: a } }]", "3:27: the condition tests nothing")]
    [TestCase("customer: a\ntime: b\nevents: [{ name: x, when: { number: a, above: b } }]", "3:47: above: expected a number")]
    [TestCase("customer: a\ntime: b\nevents: []", "events: expected at least one")]
    [TestCase("customer: a\ntime: b\nevents: [{ when: { column: a, is: b } }]", "3:10: `name` is missing")]
    [TestCase("customer: a\ncustomer: b", "not YAML")]
    [TestCase("customer: [", "not YAML")]
    [TestCase("", "expected keys with values")]
    [TestCase("customer: a\ntime: b\nevents: [{ name: x }]\nheader: maybe", "4:9: header: expected true or false")]
    public void It_says_where_and_what_was_probably_meant(string map, string expected)
    {
        var result = MappingFile.Parse(map, "orders.csv");

        Assert.That(string.Join('\n', result.Errors), Does.Contain(expected));
    }

    [Test]
    public void All_errors_are_listed_in_order()
    {
        var result = MappingFile.Parse("fromat: csv\ncustomer: \"{\"\nevents: [{ name: x, kind: y }]", "orders.csv");

        Assert.That(result.Errors.Select(error => error.At.Line), Is.EqualTo(new[] { 1, 1, 2, 3 }), string.Join('\n', result.Errors));
    }

    [Test]
    public void A_format_that_the_name_does_not_tell_must_be_given() =>
        Assert.That(MappingFile.Parse("customer: a\ntime: b\nevents: [{ name: x }]", "orders.dat").Errors.Single().Message, Does.Contain("give `format`"));

    [Test]
    public void Columns_that_the_file_does_not_have_are_told_before_any_row()
    {
        const string map = """
            customer: "{whom}"
            time: "{at}"
            events:
              - name: x
                properties: { n: { number: amout } }
            """;

        Assert.That(
            () => MappedFile.RowsAsync("orders.csv", "who,at,amount\n", map),
            Throws.TypeOf<CommandException>().With.Message.Contains("shop.map.yaml:1:11: the file has no column `whom`; did you mean `who`?")
                .And.Message.Contains("shop.map.yaml:5:32: the file has no column `amout`; did you mean `amount`?"));
    }

    [Test]
    public void Computations_nested_without_end_are_refused()
    {
        var map = $"customer: a\ntime: b\nevents: [{{ name: x, properties: {{ n: {{ number: \"{new string('(', 100_000)}\" }} }} }}]";

        Assert.That(MappingFile.Parse(map, "orders.csv").Errors.Single().Message, Does.Contain("nested more than"));
    }
}
