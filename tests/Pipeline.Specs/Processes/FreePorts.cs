using System.Net;
using System.Net.Sockets;

namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>Ports of the loopback interface on which nothing listens.</summary>
/// <remarks>
/// They lie below the range from which Linux takes the ports of outgoing connections (32768 and up), so that a server that is killed finds its port still free when it
/// is started again. No port is given out twice.
/// </remarks>
public static class FreePorts
{
    private const int First = 20_000;
    private const int Last = 32_000;

    private static readonly Lock Gate = new();
    private static int _next = First + Environment.ProcessId % (Last - First);

    public static int Take()
    {
        lock (Gate)
        {
            for (var tried = First; tried < Last; tried++)
            {
                _next = _next + 1 < Last ? _next + 1 : First;
                if (IsFree(_next))
                    return _next;
            }
        }

        throw new InvalidOperationException($"No port between {First} and {Last} is free.");
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException taken) when (taken.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return false;
        }
    }
}
