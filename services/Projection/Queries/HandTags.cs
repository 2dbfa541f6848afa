using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Projection.Queries;

/// <summary>Sends what is done to tags by hand to where all events go, and answers when it is safe.</summary>
internal sealed class HandTags(ISafeSender sender, EventQueues queues, TimeProvider clock, ILogger<HandTags> logger)
{
    /// <param name="eventId">As the client names it; null for a new one.</param>
    public async Task<IResult> DoAsync(
        string customer, string key, string action, Value value, string? by, string? reason, string? eventId, CancellationToken cancellationToken)
    {
        var done = HandTagging.Event(eventId ?? NewId(), customer, key, action, value, by ?? "", reason ?? "", clock.GetUtcNow());
        if (EventCheck.Reject(done) is { } rejection)
            return Problems.Unprocessable(rejection);
        try
        {
            await sender.SendAsync(queues.Of(customer), new EventBatch { Events = [done] }, cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Log.NotSafe(logger, failure);
            return Problems.Unavailable();
        }

        var answer = new HandAnswer(done.EventId, customer, key, action, ValueJson.ToElement(value), by!, reason!, done.OccurredAt);
        return QueryJson.Answer(answer, queues.ArePartitioned ? StatusCodes.Status202Accepted : StatusCodes.Status200OK);
    }

    /// <remarks>Of two things done in one millisecond the larger id counts: so ids grow with the machine's own clock, also where the pipeline's stands still.</remarks>
    private static string NewId() => string.Create(CultureInfo.InvariantCulture, $"hand-{TimeProvider.System.GetUtcNow().UtcTicks:x16}-{Guid.NewGuid():n}");
}
