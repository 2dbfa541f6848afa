using NodaTime;

namespace TaggingPipeline.Domain.Events;

/// <summary>What sort of event it is, as rules see it.</summary>
public enum EventKind : byte
{
    /// <summary>An order was placed.</summary>
    Purchase,

    /// <summary>An order's properties changed; those given replace the earlier ones.</summary>
    OrderUpdated,

    /// <summary>Money of an order was given back: its <c>total</c>, or all of it if there is none.</summary>
    OrderRefunded,

    /// <summary>An order was taken back as a whole.</summary>
    OrderCancelled,

    /// <summary>A page, product or list was looked at.</summary>
    Browse,

    /// <summary>Anything else that was done.</summary>
    Interaction,

    /// <summary>Traits of the customer became known.</summary>
    Profile,

    /// <summary>Two ids are one person.</summary>
    Identity,

    /// <summary>Something was done to a tag by hand: <see cref="TagEvents"/>. Rules do not see it as an event.</summary>
    Tag,

    /// <summary>A rule that depends on its own past came to a value. Rules see it as their past alone.</summary>
    Assignment,
}

/// <summary>One thing a customer did.</summary>
/// <remarks>
/// Immutable. The id names it within its customer. <see cref="OccurredAt"/> is in whole milliseconds: <see cref="Create"/> cuts finer digits.
/// For a <see cref="EventKind.Profile"/> event the properties are the traits; a trait whose value is missing from them is not touched.
/// </remarks>
public sealed record CustomerEvent
{
    public required string Id { get; init; }

    public required string Customer { get; init; }

    public required EventKind Kind { get; init; }

    public required string Name { get; init; }

    public required Instant OccurredAt { get; init; }

    public required PropertyBag Properties { get; init; }

    /// <summary>An event whose instant is cut to whole milliseconds.</summary>
    public static CustomerEvent Create(string id, string customer, EventKind kind, string name, Instant occurredAt, PropertyBag properties) => new()
    {
        Id = id,
        Customer = customer,
        Kind = kind,
        Name = name,
        OccurredAt = Instant.FromUnixTimeMilliseconds(occurredAt.ToUnixTimeMilliseconds()),
        Properties = properties,
    };
}
