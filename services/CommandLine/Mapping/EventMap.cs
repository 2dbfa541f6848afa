using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.CommandLine.Files;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.CommandLine.Mapping;

/// <summary>A checked mapping: how the rows of a file become events.</summary>
internal sealed record EventMap
{
    public required FileLayout Layout { get; init; }

    /// <summary>Every column the mapping asks for, by number.</summary>
    public required ImmutableArray<ColumnUse> Columns { get; init; }

    public required Template Customer { get; init; }

    public required InstantReading Time { get; init; }

    /// <summary>Null where the id comes from the row's content; see <see cref="ContentIds"/>.</summary>
    public required Template? Id { get; init; }

    /// <summary>The first whose condition holds leaves the row out.</summary>
    public required ImmutableArray<SkipRule> Skip { get; init; }

    /// <summary>The first whose condition holds is what the row becomes.</summary>
    public required ImmutableArray<EventShape> Events { get; init; }

    /// <summary>What the row becomes. An event without an id has an empty one.</summary>
    public MappedRow Map(Row row)
    {
        var mapped = new RowUnderMapping(row, Columns);
        if (row.Problem is { } unreadable)
            return MappedRow.Rejected(row.Line, new("unreadable-row", unreadable));
        foreach (var rule in Skip)
        {
            if (rule.When.Holds(mapped) && mapped.Problem is null)
                return MappedRow.Skipped(row.Line, rule.Reason);
        }

        var shopEvent = Events.FirstOrDefault(shape => shape.When?.Holds(mapped) ?? true) is { } shape ? Build(mapped, shape) : null;
        if (mapped.Problem is { } problem)
            return MappedRow.Rejected(row.Line, new("bad-row", problem));
        return shopEvent is null
            ? MappedRow.Rejected(row.Line, new("no-event", "none of the mapping's events fits this row (add one, or a skip rule)"))
            : MappedRow.Of(row.Line, shopEvent);
    }

    private ShopEvent Build(RowUnderMapping row, EventShape shape)
    {
        var name = shape.Name.Of(row).Trim();
        var occurredAt = Time.Of(row) ?? NodaConstants.UnixEpoch;
        if (occurredAt < NodaConstants.BclEpoch)
        {
            row.Fail("the time lies before the year 1");
            occurredAt = NodaConstants.BclEpoch;
        }

        var properties = PropertyBag.Of(shape.Properties.Select(property => KeyValuePair.Create(property.Name, property.Source.Of(row))));
        return new()
        {
            EventId = Id?.Of(row).Trim() ?? "",
            CustomerId = Customer.Of(row).Trim(),
            Kind = shape.Kind ?? KindOf(name),
            Name = name,
            OccurredAt = Instant.FromUnixTimeMilliseconds(occurredAt.ToUnixTimeMilliseconds()).ToDateTimeOffset(),
            ReceivedAt = default,
            Properties = properties.Count == 0 ? null : ValueJson.ToElement(Value.Of(properties)),
        };
    }

    private static string KindOf(string name) => StandardEvents.KindOfTracked(name) switch
    {
        EventKind.Browse => "browse",
        EventKind.Interaction => "interaction",
        _ => "purchase",
    };
}
