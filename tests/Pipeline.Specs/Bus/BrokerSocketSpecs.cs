using System.Net;
using System.Net.Sockets;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Pipeline.Specs.Bus;

/// <summary>The client library would ask for the rest of the frame for ever.</summary>
[TestFixture]
public sealed class When_a_connection_ends_in_the_middle_of_a_frame
{
    private const int ProtocolHeader = 8;

    [Test]
    public async Task It_is_noticed_at_once()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var connecting = new ConnectionFactory { HostName = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port, SocketFactory = BrokerSocket.Create }.CreateConnectionAsync();

        using (var broker = await listener.AcceptTcpClientAsync())
        {
            await broker.GetStream().ReadExactlyAsync(new byte[ProtocolHeader]);
            await broker.GetStream().WriteAsync(new byte[] { 1, 0, 0 }); // the first three bytes of seven that every frame begins with
        }

        var failure = Assert.ThrowsAsync<BrokerUnreachableException>(() => connecting)!;
        Assert.That(failure.ToString(), Does.Contain(nameof(EndOfStreamException)).And.Contain("The broker ended the connection"));
    }
}
