using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace TaggingPipeline.Processing.Rejections;

/// <summary>One part of a path: the name of a field, or the place of an item.</summary>
/// <param name="Name">Null for an item.</param>
/// <param name="Index">Of an item, from 0; <see cref="Each"/> for all of them.</param>
internal readonly record struct PathPart(string? Name, int Index)
{
    public const int Each = -1;
}

/// <summary>Where in an event a field is: <c>properties.products[0].price</c>, with <c>[*]</c> for each item, and <c>["a.b"]</c> for a name that holds dots or brackets.</summary>
internal sealed record FieldPath(ImmutableArray<PathPart> Parts)
{
    public const int MaxParts = 32;

    private static readonly SearchValues<char> NameEnds = SearchValues.Create(".[]");

    public bool HasEach => Parts.Any(part => part is { Name: null, Index: PathPart.Each });

    /// <param name="problem">What is wrong with the text, if something is.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out FieldPath? path, out string problem)
    {
        path = null;
        problem = $"`{text}` is not a path such as properties.products[0].price";
        var parts = ImmutableArray.CreateBuilder<PathPart>();
        var rest = text.AsSpan();
        while (rest.Length > 0)
        {
            if (rest[0] == '[')
            {
                if (!ReadBrackets(ref rest, out var part))
                    return false;
                parts.Add(part);
                continue;
            }

            if (parts.Count > 0 && rest[0] != '.')
                return false;
            if (parts.Count > 0)
                rest = rest[1..];
            var end = rest.IndexOfAny(NameEnds) is >= 0 and var found ? found : rest.Length;
            if (end == 0)
                return false;
            parts.Add(new(rest[..end].ToString(), 0));
            rest = rest[end..];
        }

        if (parts.Count is 0 or > MaxParts || parts[0].Name is null)
            return false;
        path = new(parts.ToImmutable());
        return true;
    }

    /// <summary>The path with its first <c>[*]</c> parts replaced by items, as many as are given.</summary>
    public FieldPath At(IEnumerable<int> items)
    {
        var next = new Queue<int>(items);
        return new([.. Parts.Select(part => part is { Name: null, Index: PathPart.Each } && next.TryDequeue(out var item) ? part with { Index = item } : part)]);
    }

    /// <summary>Whether the other is this field, or lies in it.</summary>
    public bool Holds(FieldPath other) => other.Parts.Length >= Parts.Length && other.Parts[..Parts.Length].SequenceEqual(Parts);

    public bool Equals(FieldPath? other) => other is not null && Parts.SequenceEqual(other.Parts);

    public override int GetHashCode() => Parts.Aggregate(0, HashCode.Combine);

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var part in Parts)
        {
            if (part.Name is null)
                text.Append('[').Append(part.Index == PathPart.Each ? "*" : part.Index.ToString(CultureInfo.InvariantCulture)).Append(']');
            else if (part.Name.Length == 0 || part.Name.AsSpan().ContainsAny(NameEnds))
                text.Append('[').Append(JsonSerializer.Serialize(part.Name)).Append(']');
            else
                text.Append(text.Length == 0 ? "" : ".").Append(part.Name);
        }

        return text.ToString();
    }

    private static bool ReadBrackets(ref ReadOnlySpan<char> rest, out PathPart part)
    {
        part = default;
        if (rest.StartsWith("[\""))
            return ReadQuoted(ref rest, out part);
        var end = rest.IndexOf(']');
        if (end < 2)
            return false;
        var item = rest[1..end];
        rest = rest[(end + 1)..];
        if (item is "*")
            part = new(null, PathPart.Each);
        else if (int.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            part = new(null, index);
        else
            return false;
        return true;
    }

    private static bool ReadQuoted(ref ReadOnlySpan<char> rest, out PathPart part)
    {
        part = default;
        var end = 2;
        while (end < rest.Length && rest[end] != '"')
            end += rest[end] == '\\' ? 2 : 1;
        if (end + 1 >= rest.Length || rest[end + 1] != ']')
            return false;
        try
        {
            part = new(JsonSerializer.Deserialize<string>(rest[1..(end + 1)]), 0);
        }
        catch (JsonException)
        {
            return false; // an escape that is none
        }

        rest = rest[(end + 2)..];
        return true;
    }
}
