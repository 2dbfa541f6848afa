using Microsoft.Extensions.Logging;

namespace TaggingPipeline.ServiceDefaults;

internal static partial class Log
{
    [LoggerMessage(101, LogLevel.Information, "Rulebook {Rulebook} came into force instead of {Previous}")]
    public static partial void RulebookReplaced(ILogger logger, string rulebook, string previous);

    [LoggerMessage(102, LogLevel.Error, "{Path}:{Line}:{Column}: {Where}: {Error}")]
    public static partial void RulebookErrorFound(ILogger logger, string path, int line, int column, string where, string error);

    [LoggerMessage(103, LogLevel.Error, "Changed rulebook {Path} was refused: errors {Errors}; {Rulebook} stays in force")]
    public static partial void RulebookRefused(ILogger logger, string path, int errors, string rulebook);

    [LoggerMessage(104, LogLevel.Error, "Rulebook {Path} could not be read ({Error}); {Rulebook} stays in force")]
    public static partial void RulebookUnreadable(ILogger logger, string path, string error, string rulebook);

    [LoggerMessage(105, LogLevel.Warning, "The store could not be asked for the latest snapshot of the population; trying again")]
    public static partial void PopulationNotFollowed(ILogger logger, Exception exception);
}
