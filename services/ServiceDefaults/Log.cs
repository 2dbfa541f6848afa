using Microsoft.Extensions.Logging;

namespace TaggingPipeline.ServiceDefaults;

internal static partial class Log
{
    [LoggerMessage(101, LogLevel.Information, "Rulebook {Rulebook}, version {Number}, came into force instead of {Previous}, version {PreviousNumber}")]
    public static partial void RulebookReplaced(ILogger logger, string rulebook, long number, string previous, long previousNumber);

    [LoggerMessage(102, LogLevel.Error, "{Path}:{Line}:{Column}: {Where}: {Error}")]
    public static partial void RulebookErrorFound(ILogger logger, string path, int line, int column, string where, string error);

    [LoggerMessage(103, LogLevel.Error, "Changed rulebook {Path} was refused: errors {Errors}; {Rulebook} stays in force")]
    public static partial void RulebookRefused(ILogger logger, string path, int errors, string rulebook);

    [LoggerMessage(104, LogLevel.Error, "Rulebook {Path} could not be read ({Error}); {Rulebook} stays in force")]
    public static partial void RulebookUnreadable(ILogger logger, string path, string error, string rulebook);

    [LoggerMessage(106, LogLevel.Warning, "Rulebook file {Path} is version {Number}; version {InForce}, which was published since, stays in force")]
    public static partial void RulebookFileIsOlder(ILogger logger, string path, long number, long inForce);

    [LoggerMessage(107, LogLevel.Error, "Changed rulebook {Path} could not be published; trying again")]
    public static partial void RulebookNotPublished(ILogger logger, Exception exception, string path);

    [LoggerMessage(108, LogLevel.Warning, "The store could not be asked for the latest version of the rulebook, or it was not understood; trying again")]
    public static partial void RulebookNotFollowed(ILogger logger, Exception exception);

    [LoggerMessage(105, LogLevel.Warning, "The store could not be asked for the latest snapshot of the population; trying again")]
    public static partial void PopulationNotFollowed(ILogger logger, Exception exception);
}
