using System.Net.Sockets;
using RabbitMQ.Client.Exceptions;
using TaggingPipeline.ServiceDefaults.Bus;
using TaggingPipeline.ServiceDefaults.Settings;

namespace TaggingPipeline.ServiceDefaults.Hosting;

/// <summary>Why a host with sound settings could not start, where that is not a defect of the host.</summary>
internal static class StartFailure
{
    private static readonly SettingName Urls = new(nameof(TaggingSettings.Urls));

    /// <returns>For a person to read; null for what is a defect.</returns>
    public static string? Explain(Exception failure, TaggingSettings settings) => failure.GetBaseException() switch
    {
        AuthenticationFailureException refusal => $"The broker {BusAddress.Parse(settings.Bus)} refused: {refusal.Message}",
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } => $"Something listens on {settings.Urls} already. Set {Urls} to another address.",
        SocketException network => $"Cannot listen on {settings.Urls}: {network.Message}. Set {Urls} to an address of this machine.",
        _ => null,
    };
}
