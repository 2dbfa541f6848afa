using Microsoft.Extensions.Logging;

namespace TaggingPipeline.Ingestion;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "{Count} items of {Contract} could not be made safe; their senders were told to send again")]
    public static partial void NotSafe(ILogger logger, Exception exception, string contract, int count);

    [LoggerMessage(2, LogLevel.Debug, "A request was refused: {Code}")]
    public static partial void RequestRefused(ILogger logger, string code);
}
