using System.Collections.Immutable;
using System.Text.RegularExpressions;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.CommandLine.RuleTests;

/// <summary>Reads the pieces that test files are made of, and gathers what is wrong with them.</summary>
internal sealed partial class TestNodes
{
    public List<RulebookError> Errors { get; } = [];

    /// <summary>What is unusable has been reported as such.</summary>
    public void Fail(YamlNode at, string where, string message)
    {
        if (at is not YamlUnusable)
            Errors.Add(new(at.At, where, message) { End = at.End });
    }

    /// <summary>A map's values by key; unknown and doubled keys are reported and left out.</summary>
    public Dictionary<string, YamlNode>? Keys(YamlNode node, string where, params string[] known)
    {
        if (node is YamlMapping map)
            return map.Known(known, (at, message) => Fail(at, where, message));
        Fail(node, where, $"expected a map with the keys {YamlKeys.List(known)}; found {node.Description}");
        return null;
    }

    /// <summary>The entries of a map; none for nothing, and for what is no map, which is reported.</summary>
    public IEnumerable<(YamlScalar Key, YamlNode Value)> Entries(YamlNode? node, string where, string expected)
    {
        if (node is YamlMapping map)
            return map.Unique((at, message) => Fail(at, where, message));
        if (node is not (null or YamlScalar { IsNull: true }))
            Fail(node, where, $"expected {expected}; found {node.Description}");
        return [];
    }

    /// <summary>The items of a list; none for nothing, and for what is no list, which is reported.</summary>
    public ImmutableArray<YamlNode> Items(YamlNode? node, string where, string expected)
    {
        if (node is YamlSequence list)
            return list.Items;
        if (node is not (null or YamlScalar { IsNull: true }))
            Fail(node, where, $"expected {expected}; found {node.Description}");
        return [];
    }

    /// <summary>A text; null for something else, which is reported.</summary>
    public string? Text(YamlNode node, string where, string expected)
    {
        if (node is YamlScalar { IsNull: false } scalar && !string.IsNullOrWhiteSpace(scalar.Text.Text))
            return scalar.Text.Text;
        Fail(node, where, $"expected {expected}; found {(node is YamlScalar ? "nothing" : node.Description)}");
        return null;
    }

    /// <summary>A value as JSON would have it: without quotes, numbers, true, false and null mean what they say.</summary>
    public Value ValueOf(YamlNode node, string where) => node switch
    {
        YamlScalar { IsNull: true } => Value.Missing,
        YamlScalar { IsPlain: true, Text.Text: "true" } => Value.True,
        YamlScalar { IsPlain: true, Text.Text: "false" } => Value.False,
        YamlScalar { IsPlain: true, Text.Text: var text } when Number().IsMatch(text) && Value.TryParseNumber(text, out var number) => Value.Of(number),
        YamlScalar scalar => Value.Of(scalar.Text.Text),
        YamlSequence list => Value.Of([.. list.Items.Select(item => ValueOf(item, where))]),
        YamlMapping => Value.Of(BagOf(node, where)),
        _ => Value.Missing,
    };

    public PropertyBag BagOf(YamlNode? node, string where) => PropertyBag.Of(
        Entries(node, where, "properties, as in `{ total: 120 }`").Select(entry => KeyValuePair.Create(entry.Key.Text.Text, ValueOf(entry.Value, where))));

    [GeneratedRegex(@"^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$", RegexOptions.ECMAScript)]
    private static partial Regex Number();
}
