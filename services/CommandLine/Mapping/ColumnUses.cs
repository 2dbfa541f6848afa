using System.Collections.Immutable;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.CommandLine.Mapping;

/// <summary>A column that a mapping asks for: its name (for JSON lines a dotted path), and where the mapping first does so.</summary>
internal sealed record ColumnUse(string Name, SourcePosition At)
{
    /// <summary>The name as a path into a JSON object.</summary>
    public ImmutableArray<string> Path { get; } = [.. Name.Split('.')];
}

/// <summary>Gathers the columns that a mapping asks for; each gets a number, by which rows hold its text.</summary>
internal sealed class ColumnUses
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly ImmutableArray<ColumnUse>.Builder _uses = ImmutableArray.CreateBuilder<ColumnUse>();

    public int NumberOf(string name, SourcePosition at)
    {
        if (_numbers.TryGetValue(name, out var number))
            return number;
        _numbers[name] = _uses.Count;
        _uses.Add(new(name, at));
        return _uses.Count - 1;
    }

    public ImmutableArray<ColumnUse> ToImmutable() => _uses.ToImmutable();
}
