using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>Reads maps whose keys are known.</summary>
internal static class YamlKeys
{
    /// <summary>The map's values by key, without those that are unknown or doubled, which are reported.</summary>
    /// <param name="error">Is given where, and what is wrong.</param>
    public static Dictionary<string, YamlNode> Known(this YamlMapping map, string[] known, Action<YamlNode, string> error)
    {
        var keys = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        foreach (var (key, value) in map.Unique(error))
        {
            var name = key.Text.Text;
            if (known.Contains(name))
                keys.Add(name, value);
            else
                error(key, $"unknown key `{name}`{(Suggestions.Nearest(name, known) is null ? $": expected {List(known)}" : Suggestions.DidYouMean(name, known))}");
        }

        return keys;
    }

    /// <summary>The map's entries but for those whose key came before, which are reported.</summary>
    public static IEnumerable<(YamlScalar Key, YamlNode Value)> Unique(this YamlMapping map, Action<YamlNode, string> error)
    {
        var seen = new Dictionary<string, SourcePosition>(StringComparer.Ordinal);
        foreach (var (key, value) in map.Entries)
        {
            if (seen.TryAdd(key.Text.Text, key.At))
                yield return (key, value);
            else
                error(key, $"`{key.Text.Text}` is given twice: it stands on line {seen[key.Text.Text].Line} already");
        }
    }

    public static string List(string[] keys) => string.Join(", ", keys.Select(key => $"`{key}`"));
}
