using System.Net;
using System.Net.Sockets;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>Which addresses deliveries may go to: https anywhere that is public, and this machine; http to this machine only.</summary>
/// <remarks>
/// Whoever may add a subscription makes this process send requests, so nothing that is only reachable from inside must be reachable that way. An address is checked as
/// written when a subscription is added, and as resolved at every connection.
/// </remarks>
internal sealed class AddressRules(IReadOnlyList<IPNetwork> allowed)
{
    private const int LongestAddress = 2000;

    // RFC 1035, 2.3.4.
    private const int LongestHost = 253;
    private const int LongestLabel = 63;

    // https://www.iana.org/assignments/iana-ipv4-special-registry and -ipv6-special-registry: what is not globally reachable, and what carries another address in it.
    private static readonly IPNetwork[] Refused =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        }.Select(range => IPNetwork.Parse(range)),
    ];

    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    /// <summary>What is wrong with an address as it is written; null if nothing is.</summary>
    public static string? ProblemWith(string text)
    {
        if (text.Length > LongestAddress)
            return $"it is longer than {LongestAddress} characters";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp) || address.Host.Length == 0)
            return "it is not an https address, or an http address of this machine";
        if (!IsHost(address))
            return $"its host is no name that can be: up to {LongestHost} characters, up to {LongestLabel} between dots";
        if (address.UserInfo.Length > 0)
            return "it carries a user or password, which would be kept and shown; deliveries are signed instead";
        return address.Fragment.Length > 0 ? "it has a fragment, which is never sent" : null;
    }

    /// <summary>Whether a connection may go there.</summary>
    public bool MayReach(IPAddress address, bool encrypted)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (IPAddress.IsLoopback(plain))
            return true;
        return encrypted && (allowed.Any(range => range.Contains(plain)) || IsPublic(plain));
    }

    private static bool IsHost(Uri address)
    {
        if (address.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6)
            return true;
        var name = address.IdnHost.EndsWith('.') ? address.IdnHost[..^1] : address.IdnHost;
        return name.Length <= LongestHost && name.Split('.').All(label => label.Length is > 0 and <= LongestLabel);
    }

    private static bool IsPublic(IPAddress address) =>
        (address.AddressFamily == AddressFamily.InterNetwork || GlobalUnicast.Contains(address)) && !Refused.Any(range => range.Contains(address));
}
