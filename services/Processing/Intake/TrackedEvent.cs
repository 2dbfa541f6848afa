using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Processing.Intake;

/// <summary>Reads events as Segment's tracking API defines them.</summary>
/// <remarks>https://segment.com/docs/connections/spec/common/ and, for what each name means, https://segment.com/docs/connections/spec/ecommerce/v2/</remarks>
internal static class TrackedEvent
{
    private const string Types = "track, page, screen, identify, group, alias";

    /// <param name="json">The event alone.</param>
    /// <param name="type">What the path says that it is; null where the event must say so itself.</param>
    /// <param name="newId">Gives an event without an id of its own one.</param>
    public static EventOutcome Read(
        ReadOnlySpan<byte> json, JsonSlice slice, string? type, BatchDefaults defaults, DateTimeOffset receivedAt, Func<DateTimeOffset, string> newId,
        int maxBytes = RawEvent.MaxBytes)
    {
        if (RawEvent.Reject(json, slice, maxBytes) is { } unreadable)
            return EventOutcome.Rejected(RawEvent.FindText(json, "messageId"u8), unreadable);

        var fields = new EventFields(JsonElement.Parse(json));
        var messageId = fields.Text("messageId");
        if (messageId?.Length > EventCheck.MaxEventIdLength)
            fields.Fail("bad-event-id", $"messageId: must have at most {EventCheck.MaxEventIdLength} characters");
        var userId = fields.Id("userId");
        var anonymousId = fields.Id("anonymousId");
        var content = Content.Read(type ?? fields.Required(fields.Text("type"), "type"), fields);
        if (content.Kind == "identity")
            fields.Required(userId, "userId");
        else if (userId is null && anonymousId is null)
            fields.Fail("missing-id", "userId or anonymousId: must be given");

        var timestamp = fields.Instant("timestamp");
        var sentAt = defaults.SentAt(fields);
        var (occurredAt, fromFuture) = ClockSkew.Correct(timestamp, sentAt, receivedAt);
        var context = defaults.Context(fields);
        var integrations = defaults.Integrations(fields);
        if (fields.Fault is { } fault)
            return EventOutcome.Rejected(messageId, fault);

        return EventOutcome.Of(new ShopEvent
        {
            EventId = messageId ?? newId(receivedAt),
            CustomerId = userId ?? anonymousId!,
            Kind = content.Kind,
            Name = content.Name,
            OccurredAt = occurredAt,
            ReceivedAt = receivedAt,
            Timestamp = timestamp,
            SentAt = sentAt,
            FromFuture = fromFuture,
            UserId = userId,
            AnonymousId = anonymousId,
            PreviousId = content.PreviousId,
            GroupId = content.GroupId,
            Properties = content.Properties,
            Context = context,
            Integrations = integrations,
        });
    }

    /// <summary>What differs between the types of events.</summary>
    private readonly record struct Content(string Kind, string Name, JsonElement? Properties = null, string? PreviousId = null, string? GroupId = null)
    {
        public static Content Read(string? type, EventFields fields)
        {
            switch (type)
            {
                case "track":
                    var name = fields.Required(fields.Text("event"), "event") ?? "";
                    return new(KindOf(name), name, fields.Object("properties"));
                case "page":
                    return Viewed("Page", fields);
                case "screen":
                    return Viewed("Screen", fields);
                case "identify":
                    return new("profile", "Identify", fields.Object("traits"));
                case "group":
                    var groupId = fields.Required(fields.Id("groupId"), "groupId");
                    return new("profile", "Group", ReshapedProperties.OfGroup(groupId ?? "", fields.Object("traits")), GroupId: groupId);
                case "alias":
                    return new("identity", "Alias", PreviousId: fields.Required(fields.Id("previousId"), "previousId"));
                default:
                    fields.Fail("unknown-type", $"type: must be one of {Types}");
                    return default;
            }
        }

        private static Content Viewed(string unnamed, EventFields fields)
        {
            var name = fields.Text("name");
            var properties = ReshapedProperties.OfView(name, fields.Text("category"), fields.Object("properties"));
            if (name is null && properties is { } given && given.TryGetProperty("name", out var inProperties) && inProperties.ValueKind == JsonValueKind.String)
                name = inProperties.GetString();
            return new("browse", string.IsNullOrEmpty(name) ? unnamed : name, properties);
        }

        private static string KindOf(string name) => StandardEvents.KindOfTracked(name) switch
        {
            EventKind.Browse => "browse",
            EventKind.Interaction => "interaction",
            _ => "purchase",
        };
    }
}
