using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client.Exceptions;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>Declares the topology before the bus starts and before the host takes requests, waiting for the broker as long as it takes.</summary>
internal sealed class TopologyDeclaration(BusAddress.RabbitMq address, ILogger<TopologyDeclaration> logger) : IHostedService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await BrokerTopology.DeclareAsync(address, cancellationToken);
                BusLog.TopologyDeclared(logger, address.Host, address.Port);
                return;
            }
            catch (BrokerUnreachableException unreachable) when (unreachable.GetBaseException() is not AuthenticationFailureException)
            {
                BusLog.BrokerAwaited(logger, address.Host, address.Port, unreachable.GetBaseException().Message);
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
