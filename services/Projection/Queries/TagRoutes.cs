using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Projection.Queries;

/// <param name="Tiers">The names of the tiers, the first that holds first; empty for other rules.</param>
/// <param name="Rule">The condition, tiers or value as the rulebook writes them.</param>
/// <param name="Customers">How many customers hold the tag, whatever its value.</param>
/// <param name="Description">What the tag is for.</param>
/// <param name="Owner">Who answers for it.</param>
/// <param name="Enabled">False for a tag that nobody holds until it is enabled again.</param>
/// <param name="Group">Of the tags of a group a customer holds one at most.</param>
/// <param name="Manual">Whether the tag has no rule and is assigned by hand only.</param>
/// <param name="Hold">For at least so long a value is kept, such as <c>7d</c>.</param>
/// <param name="Expires">So long after it was assigned a value ends, such as <c>30d</c>.</param>
internal sealed record TagSummary(
    string Key, string Name, string Category, IReadOnlyList<string> Tiers, string Rule, long Customers, IReadOnlyList<TagHolders> Values,
    string? Description, string? Owner, bool Enabled, string? Group, bool Manual, string? Hold, string? Expires);

/// <param name="Customers">How many customers hold the tag with this value.</param>
internal sealed record TagHolders(JsonElement? Value, long Customers);

/// <summary><c>/api/tags</c></summary>
internal static class TagRoutes
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/tags", ListAsync).WithSummary("The tags of the rulebook, and how many customers hold each value").Produces<Page<TagSummary>>();

    private static async Task<IResult> ListAsync(ICustomerViews views, CurrentRulebook rulebook, CancellationToken cancellationToken)
    {
        var counts = (await views.TagCountsAsync(cancellationToken)).ToLookup(count => count.Key, StringComparer.Ordinal);
        return QueryJson.Whole(rulebook.Value.Tags.Select(rule => new TagSummary(
            rule.Key,
            rule.Name,
            rule.Category,
            rule.Tiers,
            rule.Text,
            counts[rule.Key].Sum(count => count.Customers),
            [.. counts[rule.Key].Select(count => new TagHolders(ValueJson.ToElement(count.Value), count.Customers))],
            rule.Options.Description,
            rule.Options.Owner,
            rule.Options.IsEnabled,
            rule.Options.Group,
            rule.Options.IsManual,
            TextOf(rule.Options.Hold),
            TextOf(rule.Options.Expires))).ToArray());
    }

    private static string? TextOf(Duration? duration) => duration is { } known ? Value.Of(known).ToString() : null;
}
