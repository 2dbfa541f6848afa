using System.Net;
using Microsoft.AspNetCore.Http;

namespace TaggingPipeline.ServiceDefaults.Settings;

/// <summary>An address that a host was told to listen on.</summary>
public sealed record ListenAddress(string Text)
{
    private readonly BindingAddress? _binding = Parse(Text);

    public bool IsValid => _binding is not null;

    /// <summary>Only this machine reaches it.</summary>
    public bool IsLoopback => _binding is { } binding
        && (binding.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(binding.Host, out var address) && IPAddress.IsLoopback(address)));

    public override string ToString() => Text;

    // Encrypted connections end at a proxy in front, so https is not offered.
    private static BindingAddress? Parse(string text)
    {
        try
        {
            return BindingAddress.Parse(text) is { Scheme: "http", IsUnixPipe: false, IsNamedPipe: false, PathBase: "", Port: >= 0 and <= IPEndPoint.MaxPort } binding ? binding : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
