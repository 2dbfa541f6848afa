using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Projection.Queries;

/// <summary>The rulebook in force.</summary>
/// <param name="Timezone">IANA id of the zone whose calendar days are meant.</param>
internal sealed record RunningRulebook(
    string Name, string Version, string Timezone, IReadOnlyList<WrittenTag> Tags, IReadOnlyList<WrittenSegment> Segments);

/// <param name="Rule">The condition, tiers or value as the rulebook writes them.</param>
internal sealed record WrittenTag(string Key, string Name, string Category, IReadOnlyList<string> Tiers, string Rule);

/// <param name="When">The condition as the rulebook writes it.</param>
internal sealed record WrittenSegment(string Key, string Name, string When);

/// <summary><c>/api/rulebook</c></summary>
internal static class RulebookRoutes
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/rulebook", Read).WithSummary("The rulebook in force, as written").Produces<RunningRulebook>();

    private static IResult Read(CurrentRulebook current)
    {
        var rulebook = current.Value;
        return QueryJson.Answer(new RunningRulebook(
            rulebook.Name,
            rulebook.Version,
            rulebook.Zone.Id,
            [.. rulebook.Tags.Select(rule => new WrittenTag(rule.Key, rule.Name, rule.Category, rule.Tiers, rule.Text))],
            [.. rulebook.Segments.Select(rule => new WrittenSegment(rule.Key, rule.Name, rule.Text))]));
    }
}
