using Microsoft.Extensions.Logging;

namespace TaggingPipeline.ServiceDefaults.Bus;

internal static partial class BusLog
{
    [LoggerMessage(200, LogLevel.Information, "Queues declared at broker {Host}:{Port}")]
    public static partial void TopologyDeclared(ILogger logger, string host, int port);

    [LoggerMessage(201, LogLevel.Warning, "Broker {Host}:{Port} not reached ({Error}), trying again")]
    public static partial void BrokerAwaited(ILogger logger, string host, int port, string error);
}
