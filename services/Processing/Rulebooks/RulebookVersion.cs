using NodaTime;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>What is known of a published version of the rulebook, its text apart.</summary>
/// <param name="Number">From 1, without gaps: the largest is in force.</param>
/// <param name="Name">The name that the rulebook gives itself.</param>
/// <param name="ContentHash">The same for the same content, whichever number it has.</param>
/// <param name="Author">Who published it, in their own words; <c>file</c> for a file that was found or changed.</param>
/// <param name="Message">Why, in their own words; may be empty.</param>
/// <param name="Source"><c>file</c>, <c>api</c>, or <c>rollback of 3</c>.</param>
public sealed record RulebookVersion(long Number, string Name, string ContentHash, string Author, string Message, string Source, Instant PublishedAt)
{
    public const string OfFile = "file";
    public const string OfApi = "api";

    /// <summary>As rulebooks name their content: <c>demo-shop@1f3a9c02b7d4</c>.</summary>
    public string Version => $"{Name}@{ContentHash}";

    public static string RollbackOf(long number) => $"rollback of {number}";
}

/// <summary>A published version of the rulebook with its text.</summary>
/// <param name="Content">The YAML, as it was given.</param>
public sealed record PublishedRulebook(RulebookVersion Version, string Content)
{
    /// <summary>The definition that the text holds; null if it holds none for this software: another one, newer or older, must have published it.</summary>
    public RulebookDefinition? Parse() => RulebookFile.Parse(Content).Definition;
}
