using System.Collections.Immutable;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Pipeline.Specs.Projection;

/// <summary>Rulebooks with the tags <c>vip</c>, <c>tier</c>, <c>at-risk</c> and <c>spent</c>, and the segments of a test.</summary>
internal static class Rulebooks
{
    public static Rulebook WithSegments(params (string Key, string When)[] segments) => Compile(
        [
            new() { Key = Text("vip"), Name = Text("贵宾"), Category = Text("value"), When = Text("count(purchase) >= 2") },
            new()
            {
                Key = Text("tier"),
                Category = Text("value"),
                Tiers = [new(Text("high"), Text("sum(purchase.total) >= 1000")), new(Text("low"), Text("count(purchase) >= 1"))],
            },
            new() { Key = Text("at-risk"), Category = Text("behaviour"), When = Text("exists(purchase) and none(purchase, 30d)") },
            new() { Key = Text("spent"), Category = Text("value"), Value = Text("sum(purchase.total)") },
        ],
        [.. segments.Select(segment => new SegmentDefinition(Text(segment.Key), null, Text(segment.When)))]);

    /// <summary>A rulebook of these tags.</summary>
    public static Rulebook WithTags(params ImmutableArray<TagDefinition> tags) => Compile(tags, []);

    /// <summary>A rulebook of one tag.</summary>
    public static Rulebook WithTag(string key, string value) => Compile([new() { Key = Text(key), Category = Text("value"), Value = Text(value) }], []);

    private static Rulebook Compile(ImmutableArray<TagDefinition> tags, ImmutableArray<SegmentDefinition> segments)
    {
        var compilation = Rulebook.Compile(new() { Name = Text("shop"), TimeZone = Text("UTC"), Events = [], Tags = tags, Segments = segments });
        Assert.That(compilation.Errors, Is.Empty);
        return compilation.Rulebook!;
    }

    public static SourceText Text(string text) => new(text, new SourcePosition(1, 1));
}
