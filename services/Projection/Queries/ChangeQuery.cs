using System.Collections.Immutable;
using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Projection.Queries;

/// <summary>Which changes a request asks for. Each parameter takes several values, parted by commas.</summary>
internal sealed record ChangeQuery
{
    [FromQuery(Name = "key")]
    [Description("Only changes of these tags or segments.")]
    public string? Key { get; init; }

    [FromQuery(Name = "type")]
    [Description("Only changes of these types: `tag.added`, `tag.changed`, `tag.removed`, `segment.entered`, `segment.exited`.")]
    public string? Type { get; init; }

    [FromQuery(Name = "cause")]
    [Description("Only changes with these causes: `event`, `time`, `rulebook`, `replay`, `merge`, `erasure`.")]
    public string? Cause { get; init; }

    [FromQuery(Name = "segment")]
    [Description("Only changes of these segments.")]
    public string? Segment { get; init; }

    [FromQuery(Name = "category")]
    [Description("Only changes of tags of these categories: `basic`, `behaviour`, `interest`, `value`.")]
    public string? Category { get; init; }

    /// <summary>What is asked for; or the problem with it.</summary>
    public (ChangeFilter Filter, ProblemHttpResult? Problem) Read()
    {
        var filter = new ChangeFilter { Keys = Split(Key), Types = Split(Type), Causes = Split(Cause), Segments = Split(Segment), Categories = Split(Category) };
        return (filter, CheckLists(("key", Key, filter.Keys), ("type", Type, filter.Types), ("cause", Cause, filter.Causes), ("segment", Segment, filter.Segments), ("category", Category, filter.Categories))
            ?? Check("type", filter.Types, ChangeFilter.AllTypes) ?? Check("cause", filter.Causes, ChangeFilter.AllCauses)
            ?? Check("category", filter.Categories, ChangeFilter.AllCategories));
    }

    /// <remarks>One that is empty, perhaps by a variable that was never set, would mean everything.</remarks>
    private static ProblemHttpResult? CheckLists(params ReadOnlySpan<(string Parameter, string? Given, ImmutableArray<string> Read)> lists)
    {
        foreach (var (parameter, given, read) in lists)
        {
            if (given is not null && read.IsEmpty)
                return Problems.EmptyList(parameter);
        }

        return null;
    }

    private static ProblemHttpResult? Check(string parameter, ImmutableArray<string> given, ImmutableArray<string> choices) =>
        given.FirstOrDefault(each => !choices.Contains(each)) is { } bad ? Problems.BadChoice(parameter, bad, [.. choices]) : null;

    private static ImmutableArray<string> Split(string? list) =>
        list is null ? [] : [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
}
