using System.Net;
using System.Net.Sockets;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>Nothing that the address stands for may be connected to.</summary>
internal sealed class ForbiddenAddressException(string message) : IOException(message);

/// <summary>Connects to subscribers, and to nobody else.</summary>
/// <remarks>
/// A name is resolved and its addresses are checked at every connection, and the connection goes to a checked address itself: what a name stands for may change at any
/// time. Redirects are not followed, and a proxy from the environment is not used, since either would lead elsewhere.
/// </remarks>
internal sealed class WebhookConnections(AddressRules rules, WebhookOptions options)
{
    private static readonly TimeSpan ConnectsWithin = TimeSpan.FromSeconds(15);

    /// <summary>A name that stands for something else now is noticed after this time.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);

    private const int MostDrained = 16 * 1024;

    /// <summary>A client with connections of its own, so that no subscriber waits for another's.</summary>
    public HttpClient Create(int connections) => new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            MaxConnectionsPerServer = connections,
            MaxResponseDrainSize = MostDrained,
            MaxResponseHeadersLength = 16,
            ConnectTimeout = ConnectsWithin,
            PooledConnectionLifetime = KeptFor,
            ConnectCallback = async (context, cancellationToken) =>
                await ConnectAsync(context.DnsEndPoint, context.InitialRequestMessage.RequestUri!.Scheme == Uri.UriSchemeHttps, cancellationToken),
        })
    {
        Timeout = Timeout.InfiniteTimeSpan, // each request has its own
    };

    /// <exception cref="ForbiddenAddressException">It may not be reached.</exception>
    /// <exception cref="SocketException">It cannot be.</exception>
    public async Task<NetworkStream> ConnectAsync(DnsEndPoint to, bool encrypted, CancellationToken cancellationToken)
    {
        var reachable = await CheckAsync(to, encrypted, cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(reachable, to.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The addresses that a name stands for now and that may be reached.</summary>
    /// <exception cref="ForbiddenAddressException">None of them may be.</exception>
    /// <exception cref="SocketException">The name stands for none.</exception>
    public async Task<IPAddress[]> CheckAsync(DnsEndPoint to, bool encrypted, CancellationToken cancellationToken)
    {
        var host = to.Host.Trim('[', ']');
        var resolved = IPAddress.TryParse(host, out var literal) ? [literal] : await options.Resolve(host, cancellationToken);
        var reachable = resolved.Where(address => rules.MayReach(address, encrypted)).ToArray();
        return reachable.Length > 0 ? reachable : throw new ForbiddenAddressException(Refusal(host, resolved, encrypted));
    }

    private string Refusal(string host, IPAddress[] resolved, bool encrypted)
    {
        var stands = resolved.Length == 0 ? $"{host} stands for no address" : $"{host} is {string.Join(", ", resolved.Take(4).Select(address => address.ToString()))}";
        return resolved.Any(address => rules.MayReach(address, encrypted: true)) && !encrypted
            ? $"{stands}, and http is for this machine only: use https"
            : $"{stands}, which is private or otherwise not public, and the setting WebhooksMayReach does not allow it";
    }
}
