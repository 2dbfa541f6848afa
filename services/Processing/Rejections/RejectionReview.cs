using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Intake;

namespace TaggingPipeline.Processing.Rejections;

/// <summary>Mends a rejected event and looks at it again, as it was looked at when it first came.</summary>
/// <remarks>
/// Pure. Time is that of the first reception: an event without an instant of its own happened then, and clocks are corrected against it. An event without an id gets one
/// that is derived from the rejection's, so that it counts once however often it is sent again.
/// </remarks>
public static class RejectionReview
{
    public static ReviewedRejection Of(RejectedEvent rejection, ImmutableArray<MendingStep> steps)
    {
        var sent = Encoding.UTF8.GetBytes(rejection.Payload);
        if (RejectedPayload.WhyUnreadable(sent) is { } unreadable)
            return new(rejection, ReviewOutcome.Failed, sent, null, [], [], unreadable, []);
        var source = rejection.Source ?? RejectedPayload.GuessSource(sent);
        var before = RejectedPayload.FillIn(sent, rejection.Request);
        var (after, notApplied, failure) = Mend(before, steps);
        if (failure is not null)
            return new(rejection, ReviewOutcome.Failed, before, null, [], [], failure, notApplied);

        if (source == RejectedSources.Batch)
            return ReadBatch(rejection, before, after, notApplied);
        var outcome = source switch
        {
            RejectedSources.Import => ReadImported(rejection, ref after),
            RejectedSources.Bus => ReadFromBus(rejection, ref after),
            _ => TrackedEvent.Read(
                after, JsonSlice.ReadWhole(after), null, BatchDefaults.None, rejection.ReceivedAt, _ => IdOf(rejection), RawEvent.MaxBytes + before.Length - sent.Length),
        };
        return outcome.IsAccepted
            ? new(rejection, ReviewOutcome.Accepted, before, after, [outcome.Event], [], null, notApplied)
            : new(rejection, ReviewOutcome.Rejected, before, after, [], [], outcome.Rejection, notApplied);
    }

    /// <summary>Text of an event as JSON to be shown: what no document can hold is shown as one text.</summary>
    public static JsonElement ToElement(ReadOnlyMemory<byte> shown)
    {
        try
        {
            if (RawEvent.RejectContent(shown.Span, JsonSlice.ReadWhole(shown.Span)) is null)
                return JsonElement.Parse(shown.Span);
        }
        catch (JsonException)
        {
            // Then it is shown as what it is: text.
        }

        return JsonSerializer.SerializeToElement(Encoding.UTF8.GetString(shown.Span));
    }

    private static string IdOf(RejectedEvent rejection) => $"rejected-{rejection.Id}";

    private static (byte[] After, List<(int, string)> NotApplied, Rejection? Failure) Mend(byte[] json, ImmutableArray<MendingStep> steps)
    {
        var notApplied = new List<(int, string)>();
        for (var i = 0; i < steps.Length; i++)
        {
            var result = steps[i].ApplyTo(json);
            if (result.Failure is { } failure)
                return (json, notApplied, new("not-mended", $"steps[{i}]: {failure}"));
            if (result.NotApplied is { } why)
                notApplied.Add((i, why));
            json = result.Json;
        }

        return (json, notApplied, null);
    }

    private static EventOutcome ReadImported(RejectedEvent rejection, ref byte[] json)
    {
        json = RejectedPayload.WithId(json, IdOf(rejection));
        return ImportedEvent.Read(json, new(JsonSlice.ReadWhole(json), null), rejection.ReceivedAt);
    }

    private static EventOutcome ReadFromBus(RejectedEvent rejection, ref byte[] json)
    {
        json = RejectedPayload.WithId(json, IdOf(rejection));
        if (JsonText.FirstFault(json) is { } position)
            return EventOutcome.Rejected(rejection.MessageId, new("bad-text", $"the text is not valid Unicode at byte {position}"));
        try
        {
            return JsonSerializer.Deserialize<ShopEvent>(json, ContractsJson.Options) is { } shopEvent
                ? EventOutcome.Of(shopEvent)
                : EventOutcome.Rejected(rejection.MessageId, new("not-an-object", "an event must be a JSON object"));
        }
        catch (JsonException exception)
        {
            return EventOutcome.Rejected(rejection.MessageId, new("not-an-event", exception.Message));
        }
    }

    /// <summary>A body that can be used now is taken apart as any other: each of its events is accepted or rejected by itself.</summary>
    /// <remarks>What is rejected takes along the id that it would have been accepted with: should the body be there still and be mended better, the event counts once.</remarks>
    private static ReviewedRejection ReadBatch(RejectedEvent rejection, byte[] before, byte[] after, IReadOnlyList<(int, string)> notApplied)
    {
        var body = TrackingBody.Read(after, isBatch: true);
        if (body.Fault is { } fault)
            return new(rejection, ReviewOutcome.Rejected, before, after, [], [], fault, notApplied);

        var defaults = new BatchDefaults(after, body);
        var sentAs = SentAs.EventOf(after, body, null);
        var events = new List<ShopEvent>();
        var parts = new List<RejectedEvent>();
        foreach (var slice in body.Events)
        {
            var source = slice.In(after);
            var id = $"{IdOf(rejection)}-{events.Count + parts.Count}";
            var outcome = TrackedEvent.Read(source, slice, null, defaults, rejection.ReceivedAt, _ => id);
            if (outcome.IsAccepted)
                events.Add(outcome.Event);
            else
                parts.Add(PartOf(source.ToArray(), outcome.Rejection, outcome.EventId, id, rejection.ReceivedAt, sentAs));
        }

        return new(rejection, ReviewOutcome.Accepted, before, after, events, parts, null, notApplied);
    }

    private static RejectedEvent PartOf(byte[] source, Rejection why, string? messageId, string id, DateTimeOffset receivedAt, SentAs sentAs)
    {
        var payload = RejectedPayload.WithMessageId(source, id);
        return RejectionRecord.Of(payload, why, ReferenceEquals(payload, source) ? messageId : id, receivedAt, sentAs);
    }
}
