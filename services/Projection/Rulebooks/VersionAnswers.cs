using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Differences;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Projection.Rulebooks;

/// <summary>A published version of the rulebook.</summary>
/// <param name="Version">Name and content hash: the same for the same content, whichever number it has.</param>
/// <param name="Source"><c>file</c>, <c>api</c>, or <c>rollback of 3</c>.</param>
internal sealed record VersionAnswer(long Number, string Name, string Version, string Author, string Message, string Source, DateTimeOffset PublishedAt)
{
    public static VersionAnswer Of(RulebookVersion version) => new(
        version.Number, version.Name, version.Version, version.Author, version.Message, version.Source, version.PublishedAt.ToDateTimeOffset());
}

/// <param name="Content">The YAML, as it was published.</param>
internal sealed record VersionWithContent(
    long Number, string Name, string Version, string Author, string Message, string Source, DateTimeOffset PublishedAt, string Content)
{
    public static VersionWithContent Of(PublishedRulebook published)
    {
        var version = VersionAnswer.Of(published.Version);
        return new(version.Number, version.Name, version.Version, version.Author, version.Message, version.Source, version.PublishedAt, published.Content);
    }
}

/// <param name="Published">Whether there is a new version; false where its content was in force already.</param>
/// <param name="Version">The version in force.</param>
/// <param name="Differences">From the version that was in force before, in words.</param>
/// <param name="Note">Why differences are not told; null where they are.</param>
internal sealed record PublicationAnswer(bool Published, VersionAnswer Version, IReadOnlyList<DifferenceAnswer> Differences, string? Note);

/// <param name="From">The number of a version.</param>
/// <param name="To">The number of another.</param>
internal sealed record VersionDifferences(long From, long To, IReadOnlyList<DifferenceAnswer> Items);

/// <param name="Kind">added, removed or changed.</param>
/// <param name="Of">rulebook, event, tag or segment.</param>
/// <param name="Key">Of the tag, segment or event; for the rulebook what of it.</param>
/// <param name="Text">All of it in words, as <c>churn-risk: window 60d → 45d</c>.</param>
internal sealed record DifferenceAnswer(string Kind, string Of, string Key, string Text)
{
    /// <summary>The differences between two versions.</summary>
    public static IReadOnlyList<DifferenceAnswer> Between(RulebookDefinition before, RulebookDefinition after) => [.. RulebookDifferences.Between(before, after).Select(Describe)];

    private static DifferenceAnswer Describe(RulebookDifference difference) => new(
        difference.Kind switch { DifferenceKind.Added => "added", DifferenceKind.Removed => "removed", _ => "changed" },
        difference.Of switch { DifferenceSubject.Event => "event", DifferenceSubject.Tag => "tag", DifferenceSubject.Segment => "segment", _ => "rulebook" },
        difference.Key,
        difference.Text);
}
