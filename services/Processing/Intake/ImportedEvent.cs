using System.Text.Json;
using TaggingPipeline.Contracts;

namespace TaggingPipeline.Processing.Intake;

/// <summary>Reads events that are in the pipeline's own form already: a <see cref="ShopEvent"/> without <c>receivedAt</c>.</summary>
internal static class ImportedEvent
{
    /// <remarks>Instants are taken as they are: history has no clock to correct for, and an event of the future waits for its time.</remarks>
    public static EventOutcome Read(ReadOnlySpan<byte> json, ImportItem item, DateTimeOffset receivedAt)
    {
        if ((item.Fault ?? RawEvent.Reject(json, item.Slice)) is { } unreadable)
            return EventOutcome.Rejected(item.Fault is null ? RawEvent.FindText(json, "eventId"u8) : null, unreadable);

        var fields = new EventFields(JsonElement.Parse(json));
        var eventId = fields.Required(fields.Text("eventId"), "eventId");
        var customerId = fields.Required(fields.Text("customerId"), "customerId");
        var kind = fields.Required(fields.Text("kind"), "kind");
        var name = fields.Required(fields.Text("name"), "name");
        var occurredAt = fields.Instant("occurredAt");
        if (occurredAt is null)
            fields.Fail("missing-field", "occurredAt: must be given");
        var previousId = fields.Id("previousId");
        if (kind == "identity")
            fields.Required(previousId, "previousId");
        var imported = new ShopEvent
        {
            EventId = eventId ?? "",
            CustomerId = customerId ?? "",
            Kind = kind ?? "",
            Name = name ?? "",
            OccurredAt = occurredAt ?? receivedAt,
            ReceivedAt = receivedAt,
            Timestamp = fields.Instant("timestamp"),
            SentAt = fields.Instant("sentAt"),
            UserId = fields.Id("userId"),
            AnonymousId = fields.Id("anonymousId"),
            PreviousId = previousId,
            GroupId = fields.Id("groupId"),
            Properties = fields.Object("properties"),
            Context = fields.Object("context"),
            Integrations = fields.Object("integrations"),
        };
        return fields.Fault is { } fault ? EventOutcome.Rejected(eventId, fault) : EventOutcome.Of(imported);
    }
}
