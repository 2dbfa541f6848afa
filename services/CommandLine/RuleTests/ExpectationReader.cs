using NodaTime;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.CommandLine.RuleTests;

/// <summary>Reads what shall be at a checkpoint.</summary>
internal sealed class ExpectationReader(TestNodes nodes, TestedRulebook rulebook)
{
    public static readonly string[] Keys = ["expect", "changes", "segments"];

    /// <summary>What is not held is written so; <c>false</c> and nothing at all mean the same.</summary>
    private const string NotHeld = "none";

    public IEnumerable<Expectation> Read(Dictionary<string, YamlNode> keys, string where, Instant at)
    {
        var expectations = new List<Expectation>();
        foreach (var (tag, value) in Entries("expect", "a map of tags to values, as in `value-tier: middle`"))
        {
            if (RuleOf(tag, where) is { } rule && ReadTag(rule, tag, value, where) is { } expectation)
                expectations.Add(expectation);
        }

        foreach (var (tag, value) in Entries("changes", "a map of tags to instants, as in `value-tier: 2027-01-05T10:00:00Z`"))
        {
            if (RuleOf(tag, where) is not null && ReadChange(tag, value, where, at) is { } expectation)
                expectations.Add(expectation);
        }

        foreach (var (segment, value) in Entries("segments", "a map of segments to true or false"))
        {
            var known = rulebook.Compiled.Segments.Select(rule => rule.Key);
            if (!known.Contains(segment.Text.Text))
                nodes.Fail(segment, where, $"the rulebook has no segment `{segment.Text.Text}`{Suggestions.DidYouMean(segment.Text.Text, known)}");
            else if (value is YamlScalar { Text.Text: "true" or "false" } member)
                expectations.Add(new SegmentExpectation(segment.Text.Text, segment.At.Line, member.Text.Text == "true"));
            else
                nodes.Fail(value, where, $"segment {segment.Text.Text}: expected true or false");
        }

        return expectations;

        IEnumerable<(YamlScalar Key, YamlNode Value)> Entries(string key, string expected) =>
            nodes.Entries(keys.GetValueOrDefault(key), where, $"{expected} under `{key}`");
    }

    private TagRule? RuleOf(YamlScalar key, string where)
    {
        var rule = rulebook.Compiled.Tags.FirstOrDefault(tag => tag.Key == key.Text.Text);
        if (rule is null)
            nodes.Fail(key, where, $"the rulebook has no tag `{key.Text.Text}`{Suggestions.DidYouMean(key.Text.Text, rulebook.Compiled.Tags.Select(tag => tag.Key))}");
        return rule;
    }

    private TagExpectation? ReadTag(TagRule rule, YamlScalar key, YamlNode node, string where)
    {
        if (node is not YamlScalar scalar)
        {
            nodes.Fail(node, where, $"tag {rule.Key}: expected its value, or {NotHeld}; found {node.Description}");
            return null;
        }

        var (text, line) = (scalar.Text.Text, key.At.Line);
        if (rule.Tiers.Contains(text))
            return new(rule.Key, line, true, text);
        if (scalar.IsNull || (scalar.IsPlain && text is NotHeld or "false"))
            return new(rule.Key, line, false, null);
        if (scalar.IsPlain && text == "true")
            return new(rule.Key, line, true, null);
        if (rule.Tiers.Length > 0)
            nodes.Fail(node, where, $"tag {rule.Key} has no tier `{text}`{Suggestions.DidYouMean(text, rule.Tiers)}; expected {string.Join(", ", rule.Tiers)} or {NotHeld}");
        else if (rulebook.DefinitionOf(rule.Key).When is not null)
            nodes.Fail(node, where, $"tag {rule.Key} is held or not, and has no value `{text}`: expected true or {NotHeld}");
        else
            return new(rule.Key, line, true, text);
        return null;
    }

    private ChangeExpectation? ReadChange(YamlScalar key, YamlNode node, string where, Instant at)
    {
        const string Expected = $"never, {WrittenInstant.Forms}, or a time from the test's `at` on, such as `+3d`";
        if (nodes.Text(node, where, $"when tag {key.Text.Text} changes: {Expected}") is not { } text)
            return null;
        if (text == "never")
            return new(key.Text.Text, key.At.Line, null);
        if (WrittenInstant.Read(text, rulebook.Compiled.Zone, at) is { } instant)
            return new(key.Text.Text, key.At.Line, instant);
        nodes.Fail(node, where, $"`{text}` is no time: expected {Expected}");
        return null;
    }
}
