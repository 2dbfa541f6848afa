using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

/// <summary>Checks YAML against the keywords of JSON Schema (draft 7) that this repository's schemas use; any other keyword is refused.</summary>
internal sealed class SchemaCheck(JsonElement schema)
{
    private static readonly string[] Notes = ["$schema", "title", "description", "examples", "definitions"];

    /// <summary>Where the text differs from the schema; empty if it is valid.</summary>
    public IReadOnlyList<string> Problems(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return [.. Check(schema, stream.Documents[0].RootNode, "")];
    }

    private IEnumerable<string> Check(JsonElement rules, YamlNode node, string at)
    {
        foreach (var rule in rules.EnumerateObject())
        {
            foreach (var problem in Check(rules, rule, node, at))
                yield return problem;
        }
    }

    private IEnumerable<string> Check(JsonElement rules, JsonProperty rule, YamlNode node, string at)
    {
        var map = node as YamlMappingNode;
        var text = (node as YamlScalarNode)?.Value;
        switch (rule.Name)
        {
            case "$ref":
                return Check(schema.GetProperty("definitions").GetProperty(rule.Value.GetString()!["#/definitions/".Length..]), node, at);
            case "type":
                var types = rule.Value.ValueKind == JsonValueKind.Array ? [.. rule.Value.EnumerateArray().Select(type => type.GetString()!)] : new[] { rule.Value.GetString()! };
                return Unless(types.Contains(TypeOf(node)) || (types.Contains("number") && TypeOf(node) == "integer"), $"{at}: is {TypeOf(node)}");
            case "enum":
                return Unless(rule.Value.EnumerateArray().Any(option => option.GetString() == text), $"{at}: `{text}` is none of them");
            case "const":
                return Unless(rule.Value.GetRawText() == text, $"{at}: `{text}` is not it");
            case "pattern":
                return Unless(text is null || TypeOf(node) != "string" || Regex.IsMatch(text, rule.Value.GetString()!), $"{at}: `{text}` does not fit");
            case "minLength":
                return Unless(text is null || text.Length >= rule.Value.GetInt32(), $"{at}: is too short");
            case "maxLength":
                return Unless(text is null || text.Length <= rule.Value.GetInt32(), $"{at}: is too long");
            case "minimum":
                return Unless(NumberOf(node) is not { } low || low >= rule.Value.GetDecimal(), $"{at}: is too small");
            case "exclusiveMinimum":
                return Unless(NumberOf(node) is not { } lowest || lowest > rule.Value.GetDecimal(), $"{at}: is too small");
            case "maximum":
                return Unless(NumberOf(node) is not { } high || high <= rule.Value.GetDecimal(), $"{at}: is too large");
            case "minItems":
                return Unless(node is not YamlSequenceNode list || list.Children.Count >= rule.Value.GetInt32(), $"{at}: has too few");
            case "maxItems":
                return Unless(node is not YamlSequenceNode many || many.Children.Count <= rule.Value.GetInt32(), $"{at}: has too many");
            case "minProperties":
                return Unless(map is null || map.Children.Count >= rule.Value.GetInt32(), $"{at}: has too few keys");
            case "maxProperties":
                return Unless(map is null || map.Children.Count <= rule.Value.GetInt32(), $"{at}: has too many keys");
            case "required":
                return map is null ? [] : rule.Value.EnumerateArray().Where(key => Find(map, key.GetString()!) is null).Select(key => $"{at}: lacks {key}");
            case "properties":
                return map is null ? [] : map.Children.Where(entry => rule.Value.TryGetProperty(KeyOf(entry), out _))
                    .SelectMany(entry => Check(rule.Value.GetProperty(KeyOf(entry)), entry.Value, $"{at}/{KeyOf(entry)}"));
            case "additionalProperties":
                var further = map is null ? [] : map.Children.Where(entry => !(rules.TryGetProperty("properties", out var known) && known.TryGetProperty(KeyOf(entry), out _)));
                return rule.Value.ValueKind == JsonValueKind.False
                    ? further.Select(entry => $"{at}: knows no {KeyOf(entry)}")
                    : further.SelectMany(entry => Check(rule.Value, entry.Value, $"{at}/{KeyOf(entry)}"));
            case "items":
                return node is YamlSequenceNode items ? items.Children.SelectMany((item, index) => Check(rule.Value, item, $"{at}/{index}")) : [];
            case "anyOf":
                return Unless(rule.Value.EnumerateArray().Any(option => !Check(option, node, at).Any()), $"{at}: fits none");
            case "oneOf":
                return Unless(rule.Value.EnumerateArray().Count(option => !Check(option, node, at).Any()) == 1, $"{at}: does not fit one");
            case "allOf":
                return rule.Value.EnumerateArray().SelectMany(option => Check(option, node, at));
            case "not":
                return Unless(Check(rule.Value, node, at).Any(), $"{at}: fits what it must not");
            default:
                return Unless(Notes.Contains(rule.Name), $"{at}: the keyword {rule.Name} is not known here");
        }
    }

    private static IEnumerable<string> Unless(bool isFine, string problem) => isFine ? [] : [problem];

    private static string KeyOf(KeyValuePair<YamlNode, YamlNode> entry) => ((YamlScalarNode)entry.Key).Value!;

    private static YamlNode? Find(YamlMappingNode map, string key) => map.Children.FirstOrDefault(entry => KeyOf(entry) == key).Value;

    private static decimal? NumberOf(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: { } text } && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string TypeOf(YamlNode node) => node switch
    {
        YamlMappingNode => "object",
        YamlSequenceNode => "array",
        YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" } => "null",
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } => "boolean",
        _ => NumberOf(node) is { } number ? number == decimal.Truncate(number) ? "integer" : "number" : "string",
    };
}
