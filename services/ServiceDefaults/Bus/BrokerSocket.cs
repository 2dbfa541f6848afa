using System.Net.Sockets;
using RabbitMQ.Client;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>A socket to the broker whose end cannot be overlooked.</summary>
/// <remarks>
/// RabbitMQ.Client 7.1.2 (and its successors until now) asks again and again, without a pause and without an end, for the rest of a frame in the middle of which a connection
/// ended: each such connection costs a processor for as long as the process lives. So the end of what the broker sends is an exception here, and not an empty read.
/// </remarks>
public sealed class BrokerSocket : TcpClientAdapter
{
    private BrokerSocket(Socket socket)
        : base(socket)
    {
    }

    /// <summary>For <see cref="ConnectionFactoryBase.SocketFactory"/>.</summary>
    public static ITcpClient Create(AddressFamily family) => new BrokerSocket(ConnectionFactoryBase.DefaultSocketFactory(family).Client!);

    public override NetworkStream GetStream() => new EndingStream(Client!);

    private sealed class EndingStream(Socket socket) : NetworkStream(socket)
    {
        /// <exception cref="EndOfStreamException">The broker has ended the connection.</exception>
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await base.ReadAsync(buffer, cancellationToken);
            return count > 0 || buffer.IsEmpty ? count : throw new EndOfStreamException("The broker ended the connection.");
        }
    }
}
