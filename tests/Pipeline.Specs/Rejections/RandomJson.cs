using System.Collections.Immutable;
using System.Text.Json;
using TaggingPipeline.Processing.Rejections;

namespace TaggingPipeline.Pipeline.Specs.Rejections;

/// <summary>JSON objects at random, with names that are awkward in paths.</summary>
internal static class RandomJson
{
    private static readonly string[] Names = ["a", "b", "total", "a.b", "名", "x[0]", "", "q\"uote", "back\\slash", "null"];
    private static readonly string[] Leaves = ["1", "19.90", "1e3", "true", "\"\"", "\"te\\u0078t\"", "\"消息 🦊\"", "[]", "{}", "\"}],\""];

    public static string Object(Random random, int depth)
    {
        var names = Names.OrderBy(_ => random.Next()).Take(random.Next(1, 5));
        return $"{{{Space(random)}{string.Join($"{Space(random)},{Space(random)}", names.Select(name => $"{JsonSerializer.Serialize(name)}{Space(random)}:{Space(random)}{Value(random, depth)}"))}{Space(random)}}}";
    }

    /// <summary>The path of a field, in objects alone; null if the walk found none.</summary>
    public static string? PathIn(string json, Random random)
    {
        var parts = ImmutableArray.CreateBuilder<PathPart>();
        var at = JsonElement.Parse(json);
        while (at.ValueKind == JsonValueKind.Object && at.EnumerateObject().Any() && (parts.Count == 0 || random.Next(3) > 0))
        {
            var fields = at.EnumerateObject().ToList();
            var field = fields[random.Next(fields.Count)];
            parts.Add(new(field.Name, 0));
            at = field.Value;
        }

        return parts.Count == 0 ? null : new FieldPath(parts.ToImmutable()).ToString();
    }

    private static string Value(Random random, int depth) => (depth == 0 ? 0 : random.Next(3)) switch
    {
        1 => Object(random, depth - 1),
        2 => $"[{string.Join(',', Enumerable.Range(0, random.Next(3)).Select(_ => Value(random, depth - 1)))}]",
        _ => Leaves[random.Next(Leaves.Length)],
    };

    private static string Space(Random random) => random.Next(3) switch { 0 => " ", 1 => "\n\t", _ => "" };
}
