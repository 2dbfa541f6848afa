using System.Collections.Immutable;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Domain.Specs.Naive;

/// <summary>Rulebooks written in tests, without files.</summary>
public static class TestRulebooks
{
    public static RulebookDefinition Define(IEnumerable<TagDefinition> tags, string zone = "Europe/London", IEnumerable<SegmentDefinition>? segments = null) => new()
    {
        Name = Text("test"),
        TimeZone = Text(zone),
        Events = [],
        Tags = [.. tags],
        Segments = [.. segments ?? []],
    };

    public static Rulebook Compile(IEnumerable<TagDefinition> tags, string zone = "Europe/London", IEnumerable<SegmentDefinition>? segments = null) =>
        Compile(Define(tags, zone, segments));

    public static Rulebook Compile(RulebookDefinition definition)
    {
        var compiled = Rulebook.Compile(definition);
        return compiled.Rulebook ?? throw new ArgumentException(string.Join('\n', compiled.Errors));
    }

    public static TagDefinition When(string key, string condition) => new() { Key = Text(key), Category = Text("behaviour"), When = Text(condition) };

    public static TagDefinition Value(string key, string expression) => new() { Key = Text(key), Category = Text("value"), Value = Text(expression) };

    public static TagDefinition Tiers(string key, params ReadOnlySpan<(string Name, string Condition)> tiers)
    {
        var definitions = ImmutableArray.CreateBuilder<TierDefinition>();
        foreach (var (name, condition) in tiers)
            definitions.Add(new(Text(name), Text(condition)));
        return new() { Key = Text(key), Category = Text("value"), Tiers = definitions.ToImmutable() };
    }

    public static SegmentDefinition Segment(string key, string condition) => new(Text(key), null, Text(condition));

    public static SourceText Text(string text) => new(text, new(1, 1));
}
