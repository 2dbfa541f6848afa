using System.Collections.Immutable;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>Reads a rulebook's definition from a YAML tree, and reports what is missing, unknown, doubled or of the wrong form.</summary>
/// <remarks>
/// What is wrong gets a stand-in where it can, so that one mistake does not hide the others: the expressions that are there can
/// still be checked, and a tag whose condition is missing is still known to the segments.
/// </remarks>
internal sealed class RulebookReader(List<RulebookError> errors)
{
    private static readonly string[] FileKeys = ["rulebook", "timezone", "currency", "rates", "events", "tags", "segments", "population"];
    private static readonly string[] TagKeys = ["key", "name", "category", "when", "tiers", "value", "manual", "description", "owner", "enabled", "group", "hold", "expires"];
    private static readonly string[] Forms = ["when", "tiers", "value", "manual"];
    private static readonly string[] SegmentKeys = ["key", "name", "when"];
    private static readonly string[] PopulationKeys = ["every"];

    public RulebookDefinition? Read(YamlNode root)
    {
        if (root is not YamlMapping file)
        {
            Error(root, "file", $"expected a rulebook with the keys {YamlKeys.List(FileKeys)}; found {root.Description}");
            return null;
        }

        var keys = KeysOf(file, "rulebook", FileKeys);
        return new()
        {
            Name = Required(keys, file, "rulebook", "rulebook", "the rulebook's name") ?? new("unnamed", file.At),
            TimeZone = Optional(keys, "rulebook", "timezone", "the name of a time zone, such as `Europe/London`") ?? new("UTC", file.At),
            Currency = Optional(keys, "rulebook", "currency", "the currency in which amounts are reckoned, such as `EUR`"),
            Rates = [.. MapOf(keys, "rates", "currencies to what one unit is worth, as in `USD: 0.92`", "rate", "the rate", "a number").Select(rate => new RateDefinition(rate.Name, rate.Text))],
            Events = [.. MapOf(keys, "events", "event names to kinds, as in `Order Placed: purchase`", "event", "the kind", "the kind of this event").Select(kind => new EventDefinition(kind.Name, kind.Text))],
            Tags = [.. ItemsOf(keys, "tags").Select(ReadTag).OfType<TagDefinition>()],
            Segments = [.. ItemsOf(keys, "segments").Select(ReadSegment).OfType<SegmentDefinition>()],
            PopulationEvery = ReadPopulation(keys),
        };
    }

    private SourceText? ReadPopulation(Dictionary<string, YamlNode> keys)
    {
        if (!keys.TryGetValue("population", out var node) || IsNull(node))
            return null;
        if (node is YamlMapping map)
            return Optional(KeysOf(map, "population", PopulationKeys), "population", "every", "how often the population is looked at anew, such as `24h`");
        Error(node, "population", $"expected a map, as in `every: 24h`; found {node.Description}");
        return null;
    }

    /// <summary>A map of names to texts.</summary>
    private List<(SourceText Name, SourceText Text)> MapOf(Dictionary<string, YamlNode> keys, string key, string form, string what, string value, string expected)
    {
        var entries = new List<(SourceText, SourceText)>();
        if (!keys.TryGetValue(key, out var node) || IsNull(node))
            return entries;
        if (node is not YamlMapping map)
        {
            Error(node, key, $"expected a map of {form}; found {node.Description}");
            return entries;
        }

        foreach (var (name, item) in Unique(map, key))
        {
            if (TextOf(item, $"{what} {name.Text.Text}", value, expected) is { } text)
                entries.Add((name.Text, text.Text));
        }

        return entries;
    }

    private TagDefinition? ReadTag(YamlNode node, int index)
    {
        if (node is not YamlMapping tag)
        {
            Error(node, $"tag number {index + 1}", $"expected a map with the keys {YamlKeys.List(TagKeys)}; found {node.Description}");
            return null;
        }

        var where = NameOf(tag, "tag", index);
        var keys = KeysOf(tag, where, TagKeys);
        var key = Required(keys, tag, where, "key", "the tag's key, such as `new-customer`");
        var category = Required(keys, tag, where, "category", "basic, behaviour, interest or value");
        var form = FormOf(tag, where);
        var definition = new TagDefinition
        {
            Key = key ?? new("", tag.At),
            Name = Optional(keys, where, "name", "the tag's name"),
            Category = category ?? new("basic", tag.At),
            When = form == "when" ? Expression(keys, where, "when", "a condition") : null,
            Value = form == "value" ? Expression(keys, where, "value", "an expression") : null,
            Tiers = form == "tiers" ? ReadTiers(keys["tiers"], where) : [],
            Manual = form == "manual" ? ReadManual(keys["manual"], where) : null,
            Description = Optional(keys, where, "description", "what the tag is for"),
            Owner = Optional(keys, where, "owner", "who answers for the tag"),
            Enabled = Optional(keys, where, "enabled", "true or false"),
            Group = Optional(keys, where, "group", "the name of the group"),
            Hold = Optional(keys, where, "hold", "a duration, such as `7d`"),
            Expires = Optional(keys, where, "expires", "a duration, such as `30d`"),
        };
        if (key is null)
            return null;
        return definition is { When: null, Value: null, Manual: null, Tiers.IsEmpty: true } ? definition with { When = StandIn(tag) } : definition;
    }

    /// <summary>Which of when, tiers, value and manual a tag has; the first in the file if it has several, null if it has none.</summary>
    private string? FormOf(YamlMapping tag, string where)
    {
        var given = tag.Entries.Where(entry => Forms.Contains(entry.Key.Text.Text)).DistinctBy(entry => entry.Key.Text.Text).ToArray();
        if (given.Length == 0)
            Error(tag, where, "expected one of `when`, `tiers`, `value` and `manual`; found none");
        foreach (var (key, _) in given.Skip(1))
            Error(key, where, $"expected only one of `when`, `tiers`, `value` and `manual`; found `{key.Text.Text}` besides `{given[0].Key.Text.Text}`");
        return given.FirstOrDefault().Key?.Text.Text;
    }

    private ImmutableArray<TierDefinition> ReadTiers(YamlNode node, string where)
    {
        if (node is not YamlMapping { Entries.IsEmpty: false } map)
        {
            Error(node, where, $"`tiers` expects a map of values to conditions, as in `high: sum(purchase.total) >= 1000`; found {(node is YamlMapping ? "an empty one" : node.Description)}");
            return [];
        }

        var tiers = ImmutableArray.CreateBuilder<TierDefinition>();
        foreach (var (name, condition) in Unique(map, where))
        {
            var tier = $"{where}, tier {name.Text.Text}";
            if (condition is YamlScalar { IsNull: true } && map.IsFlow)
                Error(name, tier, "expected a condition after `:`; within `{ }` a condition that holds a comma stands in quotes");
            else if (TextOf(condition, tier, "the tier", "a condition") is { } text)
                tiers.Add(new(name.Text, text.Lines));
        }

        return tiers.ToImmutable();
    }

    private ManualDefinition? ReadManual(YamlNode node, string where)
    {
        if (node is YamlScalar { Text.Text: "true" })
            return new([]);
        if (node is YamlSequence { Items.IsEmpty: false } list)
            return new([.. list.Items.Select(item => TextOf(item, where, "`manual`", "a value")?.Text).OfType<SourceText>()]);
        Error(node, where, $"`manual` expects `true`, or a list of values, as in `[gold, silver]`; found {(node is YamlScalar { IsNull: false } text ? $"`{text.Text.Text}`" : node is YamlSequence ? "an empty list" : node.Description)}");
        return null;
    }

    private SegmentDefinition? ReadSegment(YamlNode node, int index)
    {
        if (node is not YamlMapping segment)
        {
            Error(node, $"segment number {index + 1}", $"expected a map with the keys {YamlKeys.List(SegmentKeys)}; found {node.Description}");
            return null;
        }

        var where = NameOf(segment, "segment", index);
        var keys = KeysOf(segment, where, SegmentKeys);
        var key = Required(keys, segment, where, "key", "the segment's key, such as `win-back`");
        var name = Optional(keys, where, "name", "the segment's name");
        if (!keys.ContainsKey("when"))
            Error(segment, where, "the key `when` is missing: expected a condition");
        var when = Expression(keys, where, "when", "a condition");
        return key is null || when is null ? null : new(key, name, when);
    }

    /// <summary>A condition without errors, for a tag that has none of its own; the error about that has been reported.</summary>
    private static SourceText StandIn(YamlMapping tag) => new("exists(event)", tag.At);

    private ImmutableArray<YamlNode> ItemsOf(Dictionary<string, YamlNode> keys, string key)
    {
        if (!keys.TryGetValue(key, out var node) || IsNull(node))
            return [];
        if (node is YamlSequence list)
            return list.Items;
        Error(node, key, $"expected a list, each item starting with `- key:`; found {node.Description}");
        return [];
    }

    private Dictionary<string, YamlNode> KeysOf(YamlMapping map, string where, string[] known) => map.Known(known, (at, message) => Error(at, where, message));

    private IEnumerable<(YamlScalar Key, YamlNode Value)> Unique(YamlMapping map, string where) => map.Unique((at, message) => Error(at, where, message));

    private SourceText? Required(Dictionary<string, YamlNode> keys, YamlMapping map, string where, string key, string expected)
    {
        if (!keys.ContainsKey(key))
            Error(map, where, $"the key `{key}` is missing: expected {expected}");
        return Optional(keys, where, key, expected);
    }

    private SourceText? Optional(Dictionary<string, YamlNode> keys, string where, string key, string expected) =>
        keys.TryGetValue(key, out var node) ? TextOf(node, where, $"`{key}`", expected)?.Text : null;

    private SourceText? Expression(Dictionary<string, YamlNode> keys, string where, string key, string expected) =>
        keys.TryGetValue(key, out var node) ? TextOf(node, where, $"`{key}`", expected)?.Lines : null;

    private YamlScalar? TextOf(YamlNode node, string where, string what, string expected)
    {
        if (node is YamlScalar { IsNull: false } text && !string.IsNullOrWhiteSpace(text.Text.Text))
            return text;
        Error(node, where, $"{what} expects {expected}; found {(node is YamlScalar ? "nothing" : node.Description)}");
        return null;
    }

    private static bool IsNull(YamlNode node) => node is YamlScalar { IsNull: true };

    private static string NameOf(YamlMapping map, string what, int index) =>
        map.Entries.FirstOrDefault(entry => entry.Key.Text.Text == "key").Value is YamlScalar { IsNull: false } key
            ? $"{what} {key.Text.Text}"
            : $"{what} number {index + 1}";

    /// <summary>What is unusable has been reported as such.</summary>
    private void Error(YamlNode at, string where, string message)
    {
        if (at is not YamlUnusable)
            errors.Add(new(at.At, where, message) { End = at.End });
    }
}
