using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Language;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace TaggingPipeline.CommandLine.Mapping;

/// <summary>One block of a mapping file: its keys with their values, and the errors found in it.</summary>
internal sealed class YamlSection
{
    private readonly Dictionary<string, YamlNode> _values = new(StringComparer.Ordinal);
    private readonly List<MappingError> _errors;

    /// <param name="node">Null or something else than keys with values counts as having none.</param>
    /// <param name="known">The keys that may stand here; any other is an error.</param>
    public YamlSection(YamlNode? node, string what, IReadOnlyCollection<string> known, List<MappingError> errors)
    {
        _errors = errors;
        At = node is null ? new(1, 1) : PositionOf(node);
        if (node is not YamlMappingNode mapping)
        {
            errors.Add(new(At, $"{what}: expected keys with values: {string.Join(", ", known)}"));
            return;
        }

        foreach (var (key, value) in mapping.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            if (known.Contains(name))
                _values[name] = value;
            else
                errors.Add(new(PositionOf(key), $"{what} has no key `{name}`{Suggestions.DidYouMean(name, known)} (there are {string.Join(", ", known)})"));
        }
    }

    public SourcePosition At { get; }

    public IEnumerable<string> Keys => _values.Keys;

    public YamlNode? this[string key] => _values.GetValueOrDefault(key);

    /// <summary>A key's text; null where the key is absent or holds something else, which is an error.</summary>
    public string? Text(string key) => _values.GetValueOrDefault(key) switch
    {
        null => null,
        YamlScalarNode { Value: { } text } => text,
        var other => Fail(other, $"{key}: expected text{HintAtQuotes(other)}"),
    };

    /// <summary>A key that is true or false.</summary>
    public bool? Flag(string key)
    {
        if (Text(key) is not { } text)
            return null;
        if (bool.TryParse(text, out var flag))
            return flag;
        Fail(_values[key], $"{key}: expected true or false");
        return null;
    }

    public static SourcePosition PositionOf(YamlNode node) => PositionOf(node.Start);

    public static SourcePosition PositionOf(Mark mark) => new((int)mark.Line, (int)mark.Column);

    /// <summary>Unquoted, <c>{InvoiceNo}</c> is a block in YAML, not text; whoever writes it means the text.</summary>
    public static string HintAtQuotes(YamlNode node) =>
        node is YamlMappingNode { Children: { Count: 1 } children } && children[0].Key is YamlScalarNode { Value: { } name }
        && children[0].Value is YamlScalarNode { Value: null or "" }
            ? $" (in quotes: \"{{{name}}}\")"
            : "";

    private string? Fail(YamlNode node, string message)
    {
        _errors.Add(new(PositionOf(node), message));
        return null;
    }
}
