using System.Collections.Immutable;
using System.Text.Json;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.CommandLine.Mapping;

/// <summary>What event a row becomes, for the rows that satisfy a condition.</summary>
/// <param name="When">Null for every row.</param>
/// <param name="Kind">One of <see cref="EventMapping.Kinds"/>; null where the name decides.</param>
/// <param name="Properties">The mapping's common properties and the shape's own.</param>
internal sealed record EventShape(Condition? When, Template Name, string? Kind, ImmutableArray<PropertyShape> Properties);

/// <param name="When">The rows to leave out.</param>
/// <param name="Reason">Why, for the summary.</param>
internal sealed record SkipRule(Condition When, string Reason);

/// <summary>One property of an event, and where its value comes from.</summary>
internal sealed record PropertyShape(string Name, PropertySource Source);

/// <summary>Where a property's value comes from. A value that a row does not have is left out of its event.</summary>
internal abstract record PropertySource
{
    private protected PropertySource()
    {
    }

    public abstract Value Of(RowUnderMapping row);
}

internal sealed record TextSource(Template Template) : PropertySource
{
    public override Value Of(RowUnderMapping row) => Template.Of(row) is { Length: > 0 } text ? Value.Of(text) : Value.Missing;
}

internal sealed record NumberSource(Amount Amount) : PropertySource
{
    public override Value Of(RowUnderMapping row) => Amount.Of(row) is { } number ? Value.Of(number) : Value.Missing;
}

/// <summary>True or false: whether a condition holds.</summary>
internal sealed record ConditionSource(Condition Condition) : PropertySource
{
    public override Value Of(RowUnderMapping row) => Value.Of(Condition.Holds(row));
}

internal sealed record ConstantSource(Value Value) : PropertySource
{
    public override Value Of(RowUnderMapping row) => Value;
}

/// <summary>A JSON value as it stands, lists and objects included.</summary>
internal sealed record CopySource(int Column) : PropertySource
{
    public override Value Of(RowUnderMapping row)
    {
        var json = row.Json(Column);
        if (json.ValueKind == JsonValueKind.Undefined)
            return Value.Missing;
        try
        {
            return ValueJson.Read(json);
        }
        catch (Exception failure) when (failure is FormatException or InvalidOperationException)
        {
            row.Fail(failure.Message);
            return Value.Missing;
        }
    }
}
