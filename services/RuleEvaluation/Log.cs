using Microsoft.Extensions.Logging;
using TaggingPipeline.Processing.Replays;

namespace TaggingPipeline.RuleEvaluation;

internal static partial class Log
{
    [LoggerMessage(400, LogLevel.Debug, "Decided {Customers} customers whose time had come")]
    public static partial void DueCustomersDecided(ILogger logger, int customers);

    [LoggerMessage(401, LogLevel.Error, "A pass of the timers failed; the next follows")]
    public static partial void TimerPassFailed(ILogger logger, Exception exception);

    [LoggerMessage(402, LogLevel.Debug, "Told of {Customers} customers from outboxes that were left over")]
    public static partial void OutboxesSwept(ILogger logger, int customers);

    [LoggerMessage(403, LogLevel.Warning, "Outboxes could not be told of; the next sweep follows")]
    public static partial void SweepFailed(ILogger logger, Exception exception);

    [LoggerMessage(404, LogLevel.Information, "All customers are under rulebook {Rulebook}")]
    public static partial void RulebookRolledOver(ILogger logger, string rulebook);

    [LoggerMessage(405, LogLevel.Information, "{Customers} customers are still to come under rulebook {Rulebook}; trying again")]
    public static partial void RolloverUnfinished(ILogger logger, string rulebook, int customers);

    [LoggerMessage(406, LogLevel.Error, "Bringing customers under the rulebook failed; trying again")]
    public static partial void RolloverFailed(ILogger logger, Exception exception);

    [LoggerMessage(407, LogLevel.Information, "Takes care of partitions {Partitions}, as one of {Evaluators} evaluators")]
    public static partial void ShareTaken(ILogger logger, string partitions, int evaluators);

    [LoggerMessage(408, LogLevel.Warning, "Could not sign in among the evaluators; trying again")]
    public static partial void SignInFailed(ILogger logger, Exception exception);

    [LoggerMessage(409, LogLevel.Warning, "Could not sign out; the others take over when the stay is over")]
    public static partial void SignOutFailed(ILogger logger, Exception exception);

    [LoggerMessage(411, LogLevel.Warning, "The queues of some partitions could not be opened; trying again")]
    public static partial void LinesNotOpened(ILogger logger, Exception exception);

    [LoggerMessage(412, LogLevel.Information, "Took a snapshot of the population: customers are decided as {Rulebook}")]
    public static partial void SnapshotTaken(ILogger logger, string rulebook);

    [LoggerMessage(413, LogLevel.Warning, "The population could not be looked at; trying again")]
    public static partial void CensusFailed(ILogger logger, Exception exception);

    [LoggerMessage(414, LogLevel.Information, "Took up the replay {Replay}, from {Position}")]
    public static partial void ReplayTakenUp(ILogger logger, string replay, string position);

    [LoggerMessage(415, LogLevel.Information, "The replay {Replay} is {State}: {Customers} customers rebuilt, {Different} different, {Written} written, {Left} left for later")]
    public static partial void ReplayLeft(ILogger logger, string replay, ReplayState state, long customers, long different, long written, long left);

    [LoggerMessage(416, LogLevel.Warning, "Another process goes on with the replay {Replay}")]
    public static partial void ReplayOvertaken(ILogger logger, string replay);

    [LoggerMessage(418, LogLevel.Error, "The replay {Replay} was interrupted; trying again, and giving up if it comes no further")]
    public static partial void ReplayInterrupted(ILogger logger, Exception exception, string replay);

    [LoggerMessage(417, LogLevel.Error, "Replays could not be looked after; trying again")]
    public static partial void ReplaysNotLookedAfter(ILogger logger, Exception exception);
}
