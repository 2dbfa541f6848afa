using Microsoft.Extensions.Logging;
using TaggingPipeline.Processing.Subscriptions;

namespace TaggingPipeline.Projection;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Debug, "A tag change message came before one sent earlier and was put back at the end of its queue, for the {Round}. time.")]
    public static partial void MessagePutBack(ILogger logger, int round);

    [LoggerMessage(2, LogLevel.Information, "Segments of rulebook {Rulebook} were rolled over {Customers} customers.")]
    public static partial void SegmentsRolledOver(ILogger logger, string rulebook, int customers);

    [LoggerMessage(3, LogLevel.Error, "Rolling segments over failed; it is tried again in {DelaySeconds} s.")]
    public static partial void RolloverFailed(ILogger logger, Exception exception, double delaySeconds);

    [LoggerMessage(4, LogLevel.Warning, "{Events} events were rejected and kept aside.")]
    public static partial void EventsRejected(ILogger logger, int events);

    [LoggerMessage(5, LogLevel.Warning, "Commits that were not finished could not be; the next pass follows.")]
    public static partial void FinishingFailed(ILogger logger, Exception exception);

    [LoggerMessage(6, LogLevel.Warning, "What was done to a tag by hand could not be made safe; the client was told to send it again.")]
    public static partial void NotSafe(ILogger logger, Exception exception);

    [LoggerMessage(7, LogLevel.Information, "{Rejections} rejected events were mended and sent again.")]
    public static partial void Resubmitted(ILogger logger, int rejections);

    [LoggerMessage(8, LogLevel.Warning, "Rejected events could not be sent again; they are kept.")]
    public static partial void NotResubmitted(ILogger logger, Exception exception);

    [LoggerMessage(20, LogLevel.Warning, "Subscription {Subscription} does not answer ({Reason}); it is tried with one request at a time.")]
    public static partial void SubscriberIsAway(ILogger logger, string subscription, string reason);

    [LoggerMessage(21, LogLevel.Information, "Subscription {Subscription} answers again.")]
    public static partial void SubscriberIsBack(ILogger logger, string subscription);

    [LoggerMessage(22, LogLevel.Warning, "Subscription {Subscription} is {State}: {Reason}.")]
    public static partial void SubscriptionStopped(ILogger logger, string subscription, SubscriptionState state, string reason);

    [LoggerMessage(23, LogLevel.Error, "Delivering subscription {Subscription} was interrupted; it goes on in a moment.")]
    public static partial void DeliveryInterrupted(ILogger logger, Exception exception, string subscription);

    [LoggerMessage(24, LogLevel.Error, "How far subscription {Subscription} has come could not be stored; what came after the last time is delivered again.")]
    public static partial void ProgressNotStored(ILogger logger, Exception exception, string subscription);

    [LoggerMessage(25, LogLevel.Error, "Subscriptions could not be looked at; the next pass follows.")]
    public static partial void SubscriptionsNotRead(ILogger logger, Exception exception);

    [LoggerMessage(40, LogLevel.Error, "The end of the feed could not be read; it is tried again in {DelaySeconds} s.")]
    public static partial void FeedNotRead(ILogger logger, Exception exception, double delaySeconds);

    [LoggerMessage(41, LogLevel.Information, "This process publishes changes to the exchange {Exchange} from position {Position} on.")]
    public static partial void PublishingBegun(ILogger logger, string exchange, long position);

    [LoggerMessage(42, LogLevel.Warning, "Changes could not be published; it goes on from the last stored position in {DelaySeconds} s.")]
    public static partial void PublishingFailed(ILogger logger, Exception exception, double delaySeconds);

    [LoggerMessage(43, LogLevel.Error, "A queue would not take change {Position} though it was tried {Attempts} times: subscribers that miss it find it in the feed.")]
    public static partial void ChangeNotTaken(ILogger logger, Exception exception, long position, int attempts);

    [LoggerMessage(44, LogLevel.Warning, "Error queues could not be emptied into the store; it is tried again in {DelaySeconds} s.")]
    public static partial void CollectingFailed(ILogger logger, Exception exception, double delaySeconds);

    [LoggerMessage(45, LogLevel.Warning, "A message of queue {Queue} could not be processed and is among the dead letters: {Reason}.")]
    public static partial void DeadLetterKept(ILogger logger, string queue, string reason);

    [LoggerMessage(46, LogLevel.Error, "A message in the error queue of {Queue} has {Bytes} bytes, too many to keep; it stays there.")]
    public static partial void DeadLetterTooLarge(ILogger logger, string queue, int bytes);

    [LoggerMessage(47, LogLevel.Warning, "A dead letter of queue {Queue} could not be redriven; it is kept.")]
    public static partial void NotRedriven(ILogger logger, Exception exception, string queue);

    [LoggerMessage(48, LogLevel.Warning, "The broker could not be asked; the client was told to try again.")]
    public static partial void BrokerNotAsked(ILogger logger, Exception exception);
}
