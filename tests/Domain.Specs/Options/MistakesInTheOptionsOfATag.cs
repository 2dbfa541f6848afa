using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Domain.Specs.Options;

public sealed class MistakesInTheOptionsOfATag
{
    [TestCase("enabled: maybe", "6:14: tag t: `enabled` expects true or false; found `maybe`")]
    [TestCase("enabled: [a]", "6:14: tag t: `enabled` expects true or false; found a list")]
    [TestCase("onwer: Anna", "6:5: tag t: unknown key `onwer`; did you mean `owner`?")]
    [TestCase("description:", "6:17: tag t: `description` expects what the tag is for; found nothing")]
    [TestCase("hold: forever", "6:11: tag t: `hold` expects a duration, such as `7d`; found `forever`")]
    [TestCase("hold: 0d", "6:11: tag t: `hold` expects a duration, such as `7d`; found `0d`")]
    [TestCase("expires: 7", "6:14: tag t: `expires` expects a duration, such as `7d`; found `7`")]
    [TestCase("expries: 7d", "6:5: tag t: unknown key `expries`; did you mean `expires`?")]
    [TestCase("hold: 7d\n    expires: 7d", "7:14: tag t: a value that is kept for at least 7d cannot end 7d after it was assigned; expected `expires` to be longer than `hold`")]
    [TestCase("group: two words", "6:12: tag t: `two words` is no name for a group; expected 1 to 100 letters, digits, `-` and `_`, not starting with `-`")]
    public void Are_told_with_their_place(string option, string error) =>
        Assert.That(ErrorsOf($"rulebook: x\ntags:\n  - key: t\n    category: value\n    when: 'true'\n    {option}"), Is.EqualTo(new[] { error }));

    [TestCase("manual: false", "5:13: tag t: `manual` expects `true`, or a list of values, as in `[gold, silver]`; found `false`")]
    [TestCase("manual: []", "5:13: tag t: `manual` expects `true`, or a list of values, as in `[gold, silver]`; found an empty list")]
    [TestCase("manual: {a: b}", "5:13: tag t: `manual` expects `true`, or a list of values, as in `[gold, silver]`; found a map")]
    [TestCase("manual: [gold, gold]", "5:20: tag t: there is another value `gold`")]
    [TestCase("manual: true\n    hold: 7d", "6:11: tag t: `hold` does not go with `manual`: what is assigned by hand stays until it is removed or released")]
    [TestCase("manual: true\n    when: 'true'", "6:5: tag t: expected only one of `when`, `tiers`, `value` and `manual`; found `when` besides `manual`")]
    public void Are_told_for_a_tag_without_a_rule_too(string form, string error) =>
        Assert.That(ErrorsOf($"rulebook: x\ntags:\n  - key: t\n    category: value\n    {form}"), Is.EqualTo(new[] { error }));

    [Test]
    public void Include_a_value_that_segments_ask_for_and_nobody_can_assign() => Assert.That(
        ErrorsOf("rulebook: x\ntags:\n  - { key: t, category: value, manual: [gold, silver] }\nsegments:\n  - { key: s, when: tag(t) = glod }").Single(),
        Does.Contain("did you mean `gold`?"));

    [Test]
    public void Include_a_group_of_one_whose_name_is_near_to_another() => Assert.That(
        ErrorsOf("""
            rulebook: x
            tags:
              - { key: a, category: value, when: "true", group: level }
              - { key: b, category: value, when: "true", group: level }
              - { key: c, category: value, when: "true", group: levle }
              - { key: d, category: value, when: "true", group: other }
            """),
        Is.EqualTo(new[] { "5:53: tag c: no other tag is in the group `levle`; did you mean `level`?" }));

    [Test]
    public void Include_a_tag_that_asks_for_one_that_its_group_puts_after_it() => Assert.That(
        ErrorsOf("""
            rulebook: x
            tags:
              - { key: a, category: value, when: tag(b), group: g }
              - { key: b, category: value, when: "true", group: g }
            """),
        Has.Some.Contains("comes back to itself: tag(a) → tag(b) → tag(a)"));

    [Test]
    public void Include_a_group_of_too_many() => Assert.That(
        ErrorsOf("rulebook: x\ntags:\n" + string.Concat(Enumerable.Range(0, 101).Select(i => $"  - {{ key: t{i}, category: value, when: 'true', group: g }}\n"))),
        Is.EqualTo(new[] { "3:54: tag t0: the group `g` has 101 tags; at most 100 are allowed" }));

    [TestCase("description: a")]
    [TestCase("owner: a")]
    [TestCase("enabled: true")]
    [TestCase("group: a")]
    [TestCase("hold: 7d")]
    [TestCase("expires: 7d")]
    [TestCase("tiers: { a: 'true' }", "manual: [a]")]
    [TestCase("manual: true", "manual: [a]")]
    public void None_of_which_there_are_is_left_out_of_the_version(string option, string? other = null)
    {
        const string Start = "rulebook: x\ntags:\n  - key: t\n    category: value\n";
        const string Plain = "    when: 'true'\n";
        Assert.That(VersionOf($"{Start}{(other is null ? Plain : "")}    {option}\n"), Is.Not.EqualTo(VersionOf(Start + (other is null ? Plain : $"    {other}\n"))));
    }

    private static string VersionOf(string yaml) => Compiled(yaml).Rulebook!.Version;

    private static string[] ErrorsOf(string yaml) => [.. Compiled(yaml).Errors.Select(error => error.ToString())];

    private static RulebookCompilation Compiled(string yaml) => RulebookFile.Compile(yaml);
}
