using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Contracts;
using TaggingPipeline.Ingestion.Access;
using TaggingPipeline.Ingestion.Bodies;
using TaggingPipeline.Ingestion.Safekeeping;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Intake;

namespace TaggingPipeline.Ingestion.Tracking;

/// <summary>Takes tracking requests: checks who sends, reads the events, makes them safe, and only then answers.</summary>
internal sealed class TrackingRequests(
    AccessKeys access, SafeEvents safe, IngestionMetrics metrics, TimeProvider clock, ILogger<TrackingRequests> logger)
{
    /// <summary>What an event takes in memory and in a message beyond its own bytes.</summary>
    private const int EventOverheadBytes = 400;

    /// <param name="type">Of the one event in the body; null for a batch.</param>
    public async Task HandleAsync(HttpContext context, string? type)
    {
        CrossOrigin.Allow(context.Response);
        var receivedAt = ClockSkew.Now(clock);
        using var body = await ReadAsync(context);
        if (body is null)
            return;
        var content = body.Fault is null ? TrackingBody.Read(body.Bytes, isBatch: type is null) : null;
        var fault = body.Fault ?? content!.Fault;

        var inHeader = AuthorizationHeader.BasicUser(context.Request);
        if ((access.Write.Find(inHeader) ?? access.Write.Find(content?.WriteKey)) is not { } key)
            await RefuseStrangerAsync(context, fault, hasKey: inHeader is not null || content?.WriteKey is not null);
        else if (access.WriteRate.Exceeded(key, Math.Max(1, content?.Events.Count ?? 1)) is { } wait)
            await TrackingAnswer.TooFastAsync(context, wait);
        else if (fault is not null)
            await RefuseAsync(context, fault, SafeEvents.Weigh(RejectionRecord.Of(body.Bytes, fault, messageId: null, receivedAt, SentAs.Body(type))));
        else
            await KeepAsync(context, Sort(body, content!, type, receivedAt));
    }

    /// <remarks>What is read no longer needs the body, whose buffer need not wait with it.</remarks>
    private static SortedEvents Sort(RequestBody body, TrackingBody content, string? type, DateTimeOffset receivedAt)
    {
        var events = new SortedEvents(body.Bytes, content, type, receivedAt);
        body.Dispose();
        return events;
    }

    /// <summary>The body; null when it could not be read and that has been answered.</summary>
    private static async Task<RequestBody?> ReadAsync(HttpContext context)
    {
        try
        {
            return await RequestBody.ReadAsync(context.Request, TrackingBody.MaxBytes, context.RequestAborted);
        }
        catch (BadHttpRequestException exception)
        {
            await TrackingAnswer.RefuseAsync(context, exception.StatusCode, exception.Message);
            return null;
        }
    }

    /// <remarks>What strangers send is not kept. A body in which no key can be found because it cannot be read is refused for that.</remarks>
    private Task RefuseStrangerAsync(HttpContext context, Rejection? fault, bool hasKey)
    {
        var refusal = fault is not null && !hasKey ? fault : new("unknown-key", hasKey ? "the write key is unknown" : "a write key must be given");
        Log.RequestRefused(logger, refusal.Code);
        metrics.Refused(refusal.Code);
        return TrackingAnswer.RefuseAsync(
            context, refusal == fault ? StatusCodes.Status400BadRequest : StatusCodes.Status401Unauthorized, refusal.Reason);
    }

    /// <summary>Refuses all of the body, and keeps it aside first.</summary>
    private async Task RefuseAsync(HttpContext context, Rejection fault, Weighed<RejectedEvent> record)
    {
        if (await safe.KeepAsync([], [record]) != Keeping.Safe)
        {
            await TrackingAnswer.UnavailableAsync(context);
            return;
        }

        Log.RequestRefused(logger, fault.Code);
        metrics.Refused(fault.Code);
        await TrackingAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, fault.Reason);
    }

    private async Task KeepAsync(HttpContext context, SortedEvents events)
    {
        if (await safe.KeepAsync(events.Accepted, events.Rejected) != Keeping.Safe)
        {
            await TrackingAnswer.UnavailableAsync(context);
            return;
        }

        metrics.Kept(events.Outcomes);
        await TrackingAnswer.AcceptAsync(context, events.Outcomes);
    }

    /// <summary>A body's events, read, and told apart by whether they can be accepted.</summary>
    private sealed class SortedEvents
    {
        public SortedEvents(ReadOnlySpan<byte> json, TrackingBody content, string? type, DateTimeOffset receivedAt)
        {
            var defaults = new BatchDefaults(json, content);
            var overhead = EventOverheadBytes + (content.Context?.Length ?? 0) + (content.Integrations?.Length ?? 0);
            SentAs? sentAs = null;
            Outcomes = new(content.Events.Count);
            Accepted = new(content.Events.Count);
            foreach (var slice in content.Events)
            {
                var source = slice.In(json);
                var outcome = TrackedEvent.Read(source, slice, type, defaults, receivedAt, NewId);
                Outcomes.Add(outcome);
                if (outcome.IsAccepted)
                    Accepted.Add(new(outcome.Event, slice.Length + overhead));
                else
                    Rejected.Add(SafeEvents.Weigh(RejectionRecord.Of(source, outcome.Rejection, outcome.EventId, receivedAt, sentAs ??= SentAs.EventOf(json, content, type))));
            }
        }

        public List<EventOutcome> Outcomes { get; }

        public List<Weighed<ShopEvent>> Accepted { get; }

        public List<Weighed<RejectedEvent>> Rejected { get; } = [];

        private static string NewId(DateTimeOffset receivedAt) => Guid.CreateVersion7(receivedAt).ToString();
    }
}
