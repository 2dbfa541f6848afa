using System.Text.Json;
using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Processing.Events;

/// <summary>Events between the form they travel in and the form that rules see.</summary>
public static class EventMapping
{
    /// <summary>The kind of what is done to tags by hand.</summary>
    public const string Tag = "tag";

    /// <summary>The kinds of what customers do.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["purchase", "browse", "interaction", "profile", "identity"];

    /// <summary>The event as rules see it.</summary>
    /// <remarks>The event must have been checked: <see cref="EventCheck.Reject"/> names what this would fail on.</remarks>
    public static CustomerEvent ToDomain(ShopEvent shopEvent) => CustomerEvent.Create(
        shopEvent.EventId,
        shopEvent.CustomerId,
        KindOf(shopEvent.Kind, shopEvent.Name),
        shopEvent.Name,
        Instant.FromDateTimeOffset(shopEvent.OccurredAt),
        PropertiesOf(shopEvent));

    /// <summary>The event as recorded.</summary>
    public static JournaledEvent ToJournal(ShopEvent shopEvent) => new(
        shopEvent.CustomerId,
        shopEvent.EventId,
        Instant.FromUnixTimeMilliseconds(shopEvent.OccurredAt.ToUnixTimeMilliseconds()),
        JsonSerializer.SerializeToUtf8Bytes(shopEvent, ContractsJson.Options));

    public static ShopEvent FromJournal(JournaledEvent journaled) =>
        JsonSerializer.Deserialize<ShopEvent>(journaled.Body.Span, ContractsJson.Options)!;

    private static PropertyBag PropertiesOf(ShopEvent shopEvent)
    {
        if (shopEvent.Properties is not { ValueKind: JsonValueKind.Object } properties)
            return PropertyBag.Empty;
        return shopEvent.Kind == AssignmentEvents.Kind ? ValueJson.ReadTyped(properties).AsObject : ValueJson.ReadObject(properties);
    }

    internal static EventKind KindOf(string kind, string name) => kind switch
    {
        "purchase" => StandardEvents.KindOfPurchase(name),
        "browse" => EventKind.Browse,
        "profile" => EventKind.Profile,
        "identity" => EventKind.Identity,
        Tag => EventKind.Tag,
        AssignmentEvents.Kind => EventKind.Assignment,
        _ => EventKind.Interaction,
    };
}
