using System.Diagnostics.CodeAnalysis;
using RabbitMQ.Client;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>Which bus to use, as the setting <c>Bus</c> names it.</summary>
public abstract record BusAddress
{
    /// <summary>The forms that the setting may have.</summary>
    public const string Forms = "memory, or rabbitmq://USER:PASSWORD@HOST:PORT/VHOST with each part URL-encoded";

    private const int DefaultPort = 5672;

    private BusAddress()
    {
    }

    /// <summary>Within this process.</summary>
    public sealed record Memory : BusAddress;

    /// <summary>A RabbitMQ broker.</summary>
    public sealed record RabbitMq(string Host, ushort Port, string VirtualHost, string User, string Password) : BusAddress
    {
        /// <summary>Without the password, as it may stand in a log.</summary>
        public override string ToString() => $"rabbitmq://{User}@{Host}:{Port}/{Uri.EscapeDataString(VirtualHost)}";

        /// <summary>How often both sides give a sign of life; one that gives none for twice as long is gone.</summary>
        private static readonly TimeSpan SignsOfLife = TimeSpan.FromSeconds(15);

        /// <summary>Connections that end when they break, and whose name an administrator sees at the broker.</summary>
        internal ConnectionFactory ConnectionsOf(string name) => new()
        {
            HostName = Host,
            Port = Port,
            VirtualHost = VirtualHost,
            UserName = User,
            Password = Password,
            AutomaticRecoveryEnabled = false,
            RequestedHeartbeat = SignsOfLife,
            ClientProvidedName = name,
            SocketFactory = BrokerSocket.Create,
        };
    }

    /// <summary>Reads the setting.</summary>
    /// <remarks>The port defaults to 5672, and the virtual host to <c>/</c>, which can also be written as <c>%2F</c>.</remarks>
    /// <param name="error">What is wrong; never the password. What is right, the <see cref="Forms"/> say.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out BusAddress? address, [NotNullWhen(false)] out string? error)
    {
        (address, error) = Read(text?.Trim() ?? "");
        return error is null;
    }

    /// <exception cref="FormatException">It has none of the <see cref="Forms"/>.</exception>
    public static BusAddress Parse(string? text) => TryParse(text, out var address, out var error) ? address : throw new FormatException($"{error}; expected {Forms}");

    private static (BusAddress? Address, string? Error) Read(string text)
    {
        if (text == "memory")
            return (new Memory(), null);
        if (!text.StartsWith("rabbitmq://", StringComparison.Ordinal))
            return Wrong("it begins with neither");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            return Wrong("it is not a URL with a host");
        if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
            return Wrong("it goes on after the virtual host; write ? as %3F and # as %23");
        if (uri.UserInfo.Split(':') is not [{ Length: > 0 } user, { Length: > 0 } password])
            return Wrong("it must name a user and a password");
        if (uri.Port is 0 or > ushort.MaxValue)
            return Wrong("the port must be between 1 and 65535");
        var virtualHost = uri.AbsolutePath.Trim() is "" or "/" ? "/" : uri.AbsolutePath[1..];
        if (virtualHost != "/" && virtualHost.Contains('/'))
            return Wrong("the virtual host has a / that is not written as %2F");
        var port = uri.Port < 0 ? DefaultPort : uri.Port;
        return (new RabbitMq(uri.IdnHost, (ushort)port, Decoded(virtualHost), Decoded(user), Decoded(password)), null);
    }

    private static string Decoded(string part) => Uri.UnescapeDataString(part);

    private static (BusAddress?, string) Wrong(string why) => (null, why);
}
