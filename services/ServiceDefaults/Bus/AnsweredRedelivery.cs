using MassTransit;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>On the in-memory bus: request and response addresses travel with the message, so that whoever waits is answered when it is stored.</summary>
internal sealed class AnsweredRedelivery : IRedelivery
{
    public async Task SendAgainAsync<T>(ConsumeContext<T> delivery, string queue, T message, int round)
        where T : class
    {
        var endpoint = await delivery.GetSendEndpoint(new Uri($"queue:{queue}"));
        await endpoint.Send(message, Pipe.Execute<SendContext<T>>(send =>
        {
            (send.RequestId, send.ResponseAddress, send.FaultAddress) = (delivery.RequestId, delivery.ResponseAddress, delivery.FaultAddress);
            send.Headers.Set(IRedelivery.RoundHeader, round);
        }), delivery.CancellationToken);
    }
}
