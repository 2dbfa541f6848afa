using Microsoft.Extensions.Logging;

namespace TaggingPipeline.ServiceDefaults.Bus;

internal static partial class BusLog
{
    [LoggerMessage(200, LogLevel.Information, "Queues declared at broker {Host}:{Port}")]
    public static partial void TopologyDeclared(ILogger logger, string host, int port);

    [LoggerMessage(201, LogLevel.Warning, "Broker {Host}:{Port} not reached ({Error}), trying again")]
    public static partial void BrokerAwaited(ILogger logger, string host, int port, string error);

    [LoggerMessage(202, LogLevel.Warning, "A message of queue {Queue} could not be processed and is among the dead letters: {Reason}")]
    public static partial void DeadLetterKept(ILogger logger, string queue, string reason);

    [LoggerMessage(203, LogLevel.Error, "A message of queue {Queue} could not be processed, nor kept among the dead letters; whoever sent it was told")]
    public static partial void DeadLetterNotKept(ILogger logger, Exception exception, string queue);

    [LoggerMessage(210, LogLevel.Warning, "Queue {Queue} is not read ({Error}), trying again")]
    public static partial void QueueNotRead(ILogger logger, string queue, string error);

    [LoggerMessage(211, LogLevel.Information, "Queue {Queue} is read again")]
    public static partial void QueueReadAgain(ILogger logger, string queue);

    [LoggerMessage(212, LogLevel.Error, "A message of queue {Queue} could not be processed and is set aside in its error queue")]
    public static partial void MessageSetAside(ILogger logger, Exception exception, string queue);

    [LoggerMessage(213, LogLevel.Error, "The broker does not declare the subscriber's queue {Queue} ({Error}): it gets no changes unless it is there with its bindings")]
    public static partial void SubscriberQueueNotDeclared(ILogger logger, string queue, string error);
}
