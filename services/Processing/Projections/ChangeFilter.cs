using System.Collections.Immutable;
using System.Text.Json;

namespace TaggingPipeline.Processing.Projections;

/// <summary>Which changes somebody asks for.</summary>
/// <remarks>Of each list one must fit; a list that is empty fits all. Everything given must hold: a category together with a segment fits nothing, for segments have none.</remarks>
public sealed record ChangeFilter
{
    public const string TagPrefix = "tag.";
    public const string SegmentPrefix = "segment.";

    public static ImmutableArray<string> AllTypes { get; } = ["tag.added", "tag.changed", "tag.removed", "segment.entered", "segment.exited"];

    public static ImmutableArray<string> AllCauses { get; } = ["event", "time", "rulebook", "replay", "merge", "erasure"];

    public static ImmutableArray<string> AllCategories { get; } = ["basic", "behaviour", "interest", "value"];

    public static ChangeFilter Everything { get; } = new();

    /// <summary>Keys of tags or segments.</summary>
    public ImmutableArray<string> Keys { get; init; } = [];

    /// <summary>Of <see cref="AllTypes"/>.</summary>
    public ImmutableArray<string> Types { get; init; } = [];

    /// <summary>Of <see cref="AllCauses"/>.</summary>
    public ImmutableArray<string> Causes { get; init; } = [];

    /// <summary>Keys of segments: only changes of segments fit.</summary>
    public ImmutableArray<string> Segments { get; init; } = [];

    /// <summary>Of <see cref="AllCategories"/>: only changes of tags fit.</summary>
    public ImmutableArray<string> Categories { get; init; } = [];

    public bool FitsAll => Keys.IsEmpty && Types.IsEmpty && Causes.IsEmpty && Segments.IsEmpty && Categories.IsEmpty;

    public bool Fits(FeedEntry entry)
    {
        if (!Holds(Keys, entry.Key) || !Holds(Types, entry.Type))
            return false;
        if (!Segments.IsEmpty && !(entry.Type.StartsWith(SegmentPrefix, StringComparison.Ordinal) && Segments.Contains(entry.Key)))
            return false;
        if (Causes.IsEmpty && Categories.IsEmpty)
            return true;
        var (cause, category) = ReadCauseAndCategory(entry.Body.Span);
        return Holds(Causes, cause) && Holds(Categories, category);
    }

    public bool Equals(ChangeFilter? other) =>
        other is not null && Keys.SequenceEqual(other.Keys) && Types.SequenceEqual(other.Types) && Causes.SequenceEqual(other.Causes)
        && Segments.SequenceEqual(other.Segments) && Categories.SequenceEqual(other.Categories);

    public override int GetHashCode() => HashCode.Combine(Keys.Length, Types.Length, Causes.Length, Segments.Length, Categories.Length);

    private static bool Holds(ImmutableArray<string> asked, string? given) => asked.IsEmpty || (given is not null && asked.Contains(given));

    /// <summary>Goes through an envelope without making objects of it.</summary>
    private static (string? Cause, string? Category) ReadCauseAndCategory(ReadOnlySpan<byte> body)
    {
        var (cause, category) = ((string?)null, (string?)null);
        var reader = new Utf8JsonReader(body);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
                continue;
            if (reader.CurrentDepth == 1 && reader.ValueTextEquals("cause"u8))
                cause = Next(ref reader);
            else if (reader.CurrentDepth == 2 && reader.ValueTextEquals("category"u8))
                category = Next(ref reader);
            else if (!(reader.CurrentDepth == 1 && reader.ValueTextEquals("data"u8)))
                reader.Skip();
        }

        return (cause, category);

        static string? Next(ref Utf8JsonReader reader)
        {
            reader.Read();
            return reader.GetString();
        }
    }
}
