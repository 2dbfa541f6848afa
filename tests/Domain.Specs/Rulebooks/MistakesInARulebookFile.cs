using System.Text;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Domain.Specs.Rulebooks;

public sealed class MistakesInARulebookFile
{
    [TestCase("", "1:1: file: the file is empty: expected a rulebook")]
    [TestCase("# nothing\n", "1:1: file: the file is empty: expected a rulebook")]
    [TestCase("just text", "1:1: file: expected a rulebook with the keys `rulebook`, `timezone`, `events`, `tags`, `segments`, `population`; found text")]
    [TestCase("- a\n- b", "1:1: file: expected a rulebook with the keys `rulebook`, `timezone`, `events`, `tags`, `segments`, `population`; found a list")]
    [TestCase("timezone: UTC", "1:1: rulebook: the key `rulebook` is missing: expected the rulebook's name")]
    [TestCase("rulebook:", "1:10: rulebook: `rulebook` expects the rulebook's name; found nothing")]
    [TestCase("rulebook: [x]", "1:11: rulebook: `rulebook` expects the rulebook's name; found a list")]
    [TestCase("rulebook: x\ntimezone: {a: b}", "2:11: rulebook: `timezone` expects the name of a time zone, such as `Europe/London`; found a map")]
    [TestCase("rulebook: x\ntag: []", "2:1: rulebook: unknown key `tag`; did you mean `tags`?")]
    [TestCase("rulebook: x\ncolour: red", "2:1: rulebook: unknown key `colour`: expected `rulebook`, `timezone`, `events`, `tags`, `segments`, `population`")]
    [TestCase("rulebook: x\nrulebook: y", "2:1: rulebook: `rulebook` is given twice: it stands on line 1 already")]
    [TestCase("rulebook: x\ntags: {a: b}", "2:7: tags: expected a list, each item starting with `- key:`; found a map")]
    [TestCase("rulebook: x\nsegments: y", "2:11: segments: expected a list, each item starting with `- key:`; found text")]
    [TestCase("rulebook: x\nevents: [a]", "2:9: events: expected a map of event names to kinds, as in `Order Placed: purchase`; found a list")]
    [TestCase("rulebook: x\nevents: {a: , a: browse}", "2:13: event a: the kind expects the kind of this event; found nothing", "2:15: events: `a` is given twice: it stands on line 2 already")]
    [TestCase("rulebook: x\npopulation: 24h", "2:13: population: expected a map, as in `every: 24h`; found text")]
    [TestCase("rulebook: x\npopulation: {evry: 24h}", "2:14: population: unknown key `evry`; did you mean `every`?")]
    [TestCase("rulebook: x\npopulation: {every: [24h]}", "2:21: population: `every` expects how often the population is looked at anew, such as `24h`; found a list")]
    [TestCase("rulebook: x\n? [a]\n: b", "2:3: file: a list is no key: expected a name")]
    public void At_the_top(string yaml, params string[] errors) => Expect(yaml, errors);

    [TestCase("- text", "3:5: tag number 1: expected a map with the keys `key`, `name`, `category`, `when`, `tiers`, `value`, `manual`, `description`, `owner`, `enabled`, `group`, `hold`, `expires`; found text")]
    [TestCase("- category: basic\n    when: a", "3:5: tag number 1: the key `key` is missing: expected the tag's key, such as `new-customer`")]
    [TestCase("- key: t\n    when: a", "3:5: tag t: the key `category` is missing: expected basic, behaviour, interest or value")]
    [TestCase("- key: t\n    category: basic", "3:5: tag t: expected one of `when`, `tiers`, `value` and `manual`; found none")]
    [TestCase("- key: t\n    category: basic\n    wen: a", "3:5: tag t: expected one of `when`, `tiers`, `value` and `manual`; found none", "5:5: tag t: unknown key `wen`; did you mean `when`?")]
    [TestCase("- key: t\n    category: basic\n    when: a\n    value: b", "6:5: tag t: expected only one of `when`, `tiers`, `value` and `manual`; found `value` besides `when`")]
    [TestCase("- key: t\n    category: basic\n    when:", "5:10: tag t: `when` expects a condition; found nothing")]
    [TestCase("- key: t\n    category: basic\n    when: ''", "5:12: tag t: `when` expects a condition; found nothing")]
    [TestCase("- key: t\n    category: basic\n    when: [a, b]", "5:11: tag t: `when` expects a condition; found a list")]
    [TestCase("- key: t\n    category: basic\n    value: {a: b}", "5:12: tag t: `value` expects an expression; found a map")]
    [TestCase("- key: t\n    category: basic\n    name:\n    when: a", "5:10: tag t: `name` expects the tag's name; found nothing")]
    [TestCase("- key: t\n    category: basic\n    when: a\n    when: b", "6:5: tag t: `when` is given twice: it stands on line 5 already")]
    [TestCase("- key: t\n    category: basic\n    tiers: a", "5:12: tag t: `tiers` expects a map of values to conditions, as in `high: sum(purchase.total) >= 1000`; found text")]
    [TestCase("- key: t\n    category: basic\n    tiers: {}", "5:12: tag t: `tiers` expects a map of values to conditions, as in `high: sum(purchase.total) >= 1000`; found an empty one")]
    [TestCase("- key: t\n    category: basic\n    tiers:\n      - high: a", "6:7: tag t: `tiers` expects a map of values to conditions, as in `high: sum(purchase.total) >= 1000`; found a list")]
    [TestCase("- key: t\n    category: basic\n    tiers:\n      a: x\n      b:\n      a: y", "7:9: tag t, tier b: the tier expects a condition; found nothing", "8:7: tag t: `a` is given twice: it stands on line 6 already")]
    [TestCase("- key: t\n    category: basic\n    tiers: { high: sum(purchase.total, 365d) >= 1000 }",
        "5:40: tag t, tier 365d) >= 1000: expected a condition after `:`; within `{ }` a condition that holds a comma stands in quotes")]
    public void In_a_tag(string tag, params string[] errors) => Expect($"rulebook: x\ntags:\n  {tag}", errors);

    [TestCase("- [a]", "3:5: segment number 1: expected a map with the keys `key`, `name`, `when`; found a list")]
    [TestCase("- key: s", "3:5: segment s: the key `when` is missing: expected a condition")]
    [TestCase("- when: a", "3:5: segment number 1: the key `key` is missing: expected the segment's key, such as `win-back`")]
    [TestCase("- key: s\n    when: a\n    tiers: b", "5:5: segment s: unknown key `tiers`: expected `key`, `name`, `when`")]
    [TestCase("- key: s\n    naem: n\n    when: a", "4:5: segment s: unknown key `naem`; did you mean `name`?")]
    public void In_a_segment(string segment, params string[] errors) => Expect($"rulebook: x\nsegments:\n  {segment}", errors);

    [TestCase("rulebook: &a x\ntimezone: *a", "1:11: file: a YAML anchor (`&…`) is not allowed here: put text that starts with `&` in quotes",
        "2:11: file: a YAML alias (`*…`) is not allowed here: write out what it stands for, or put text that starts with `*` in quotes")]
    [TestCase("rulebook: !x y", "1:11: file: a YAML tag (`!…`) is not allowed here: write `not` for `!`, or put text that starts with `!` in quotes")]
    [TestCase("rulebook: ! y", "1:11: file: a YAML tag (`!…`) is not allowed here: write `not` for `!`, or put text that starts with `!` in quotes")]
    [TestCase("rulebook: x\n---\nrulebook: y", "2:1: file: a second document starts here: expected one rulebook a file")]
    [TestCase("rulebook: x\ntags: [[[[[[[[[[[a]]]]]]]]]]]", "2:15: file: nested too deeply: expected at most 8 levels")]
    public void In_what_YAML_allows_and_a_rulebook_does_not(string yaml, params string[] errors)
    {
        var found = RulebookFile.Parse(yaml).Errors.Select(error => error.ToString()).ToArray();
        Assert.That(found.Take(errors.Length), Is.EqualTo(errors), string.Join('\n', found));
    }

    [TestCase("rulebook: x\n\ttags: []", "2:1")]
    [TestCase("rulebook: \"x\" y", "1:15")]
    [TestCase("rulebook: a: b", "1:12")]
    [TestCase("rulebook: \"x", "1:11")]
    [TestCase("rulebook: @x", "1:11")]
    [TestCase("rulebook: x\ntags: [1\nb: 2", "2:7")]
    [TestCase("rulebook: \"\\U99999999\"", "1:9")]
    [TestCase("rulebook: x\n  tags: []", "2:7")]
    public void In_the_YAML_itself(string yaml, string position)
    {
        var (definition, errors) = RulebookFile.Parse(yaml);
        Assert.That(definition, Is.Null);
        Assert.That(errors.Single().ToString(), Does.StartWith($"{position}: file: this is not valid YAML: "));
    }

    [Test]
    public void Are_all_listed_in_the_order_of_the_file_together_with_those_in_expressions()
    {
        const string Yaml = """
            rulebook: x
            timezone: Europe/Londn
            colour: red
            tags:
              - key: a
                categry: value
                when: count(purchse) > 1
              - key: b
                category: value
                tiers:
                  high: "exists(event[\"Product Added\"]) && true"
                  low: >
                    count(purchase)
                    >= 1 or
                    count(browse, 30days) > 1
            segments:
              - key: s
                when: tag(a) and tag(bb)
            """;
        var errors = RulebookFile.Compile(Yaml).Errors;
        Assert.That(errors.Select(error => $"{error.At} {error.Where}"), Is.EqualTo(new[]
        {
            "2:11 timezone", "3:1 rulebook", "5:5 tag a", "6:5 tag a", "7:17 tag a", "11:47 tag b, tier high", "15:23 tag b, tier low", "18:26 segment s",
        }), string.Join('\n', errors));
    }

    [Test]
    public void In_a_tag_without_condition_do_not_make_it_unknown_to_segments()
    {
        const string Yaml = "rulebook: x\ntags:\n  - key: a\n    category: basic\nsegments:\n  - key: s\n    when: tag(a)";
        Assert.That(RulebookFile.Compile(Yaml).Errors.Select(error => error.Where), Is.EqualTo(new[] { "tag a" }));
    }

    [Test]
    public void Include_a_file_larger_than_a_megabyte() =>
        Assert.That(RulebookFile.Parse("rulebook: x # " + new string('x', RulebookFile.LargestSize)).Errors.Single().Message, Does.Contain("too large"));

    [Test]
    public async Task Include_a_file_that_is_not_UTF8()
    {
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{nameof(Include_a_file_that_is_not_UTF8)}.yaml");
        await File.WriteAllBytesAsync(path, Encoding.Latin1.GetBytes("rulebook: x\ntags: é"));
        var loaded = await RulebookFile.LoadAsync(path, CancellationToken.None);
        Assert.That(loaded.Errors.Single().ToString(), Is.EqualTo("2:7: file: this is not UTF-8: expected a text file saved as UTF-8"));
    }

    private static void Expect(string yaml, string[] errors)
    {
        var (definition, found) = RulebookFile.Parse(yaml);
        Assert.That(found.Select(error => error.ToString()), Is.EqualTo(errors));
        Assert.That(definition, Is.Null);
    }
}
