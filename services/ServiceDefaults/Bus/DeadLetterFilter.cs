using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Logging;
using NodaTime;
using TaggingPipeline.Processing.DeadLetters;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>On the in-memory bus: keeps what a consumer could not process in the store, where otherwise it would be gone with the process.</summary>
/// <remarks>Whoever sent it learns that it failed, whether or not it could be kept.</remarks>
internal sealed class DeadLetterFilter(IDeadLetters letters, HandedOver handedOver, TimeProvider clock, ILogger<DeadLetterFilter> logger) : IFilter<ExceptionReceiveContext>
{
    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        var queue = context.InputAddress.Segments[^1];
        var failure = context.Exception.GetBaseException();
        try
        {
            var body = handedOver.Find(context.Body) is { } message ? JsonSerializer.SerializeToUtf8Bytes(message, message.GetType(), ContractsJson.Options) : context.Body.GetBytes();
            await letters.AddAsync(
                DeadLetter.Of(queue, failure.GetType().FullName!, failure.Message, Instant.FromDateTimeOffset(clock.GetUtcNow()), "application/json", body), CancellationToken.None);
            BusLog.DeadLetterKept(logger, queue, failure.GetType().Name);
        }
        catch (Exception exception)
        {
            BusLog.DeadLetterNotKept(logger, exception, queue);
        }

        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("dead-letters");
}
