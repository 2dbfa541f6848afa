using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Projection.Queries;

/// <summary>The rulebook in force.</summary>
/// <param name="Version">Name and content hash: the same for the same content, whichever number it has.</param>
/// <param name="Timezone">IANA id of the zone whose calendar days are meant.</param>
/// <param name="Number">The number under which it was published.</param>
/// <param name="Source"><c>file</c>, <c>api</c>, or <c>rollback of 3</c>.</param>
internal sealed record RunningRulebook(
    string Name, string Version, string Timezone, IReadOnlyList<WrittenTag> Tags, IReadOnlyList<WrittenSegment> Segments,
    long Number, string? Author, string? Message, string? Source, DateTimeOffset? PublishedAt);

/// <param name="Rule">The condition, tiers or value as the rulebook writes them.</param>
internal sealed record WrittenTag(string Key, string Name, string Category, IReadOnlyList<string> Tiers, string Rule);

/// <param name="When">The condition as the rulebook writes it.</param>
internal sealed record WrittenSegment(string Key, string Name, string When);

/// <summary><c>/api/rulebook</c></summary>
internal static class RulebookRoutes
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/rulebook", ReadAsync).WithSummary("The rulebook in force, as written").Produces<RunningRulebook>();

    private static async Task<IResult> ReadAsync(CurrentRulebook current, IRulebookVersions versions, CancellationToken cancellationToken)
    {
        var rulebook = current.Value;
        var published = (await versions.ListAsync(rulebook.Number + 1, 1, cancellationToken)).FirstOrDefault(version => version.Number == rulebook.Number);
        return QueryJson.Answer(new RunningRulebook(
            rulebook.Name,
            rulebook.Version,
            rulebook.Zone.Id,
            [.. rulebook.Tags.Select(rule => new WrittenTag(rule.Key, rule.Name, rule.Category, rule.Tiers, rule.Text))],
            [.. rulebook.Segments.Select(rule => new WrittenSegment(rule.Key, rule.Name, rule.Text))],
            rulebook.Number,
            published?.Author,
            published?.Message,
            published?.Source,
            published?.PublishedAt.ToDateTimeOffset()));
    }
}
