using System.Diagnostics.CodeAnalysis;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Processing.Intake;

/// <summary>What became of one event that was sent: it is accepted, or rejected for a reason.</summary>
/// <param name="EventId">The sender's id for it, or the one it was given; null when it is rejected and its id cannot be read.</param>
internal readonly record struct EventOutcome(string? EventId, ShopEvent? Event, Rejection? Rejection)
{
    [MemberNotNullWhen(true, nameof(Event))]
    [MemberNotNullWhen(false, nameof(Rejection))]
    public bool IsAccepted => Event is not null;

    /// <summary>Accepted, if it also satisfies what every event must.</summary>
    public static EventOutcome Of(ShopEvent shopEvent) =>
        EventCheck.Reject(shopEvent) is { } rejection ? Rejected(shopEvent.EventId, rejection) : new(shopEvent.EventId, shopEvent, null);

    public static EventOutcome Rejected(string? eventId, Rejection rejection) => new(eventId, null, rejection);
}
