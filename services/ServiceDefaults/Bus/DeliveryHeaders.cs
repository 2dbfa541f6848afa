using System.Globalization;
using System.Text;
using MassTransit;
using RabbitMQ.Client;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>Headers of messages on RabbitMQ, as MassTransit knows them.</summary>
internal static class DeliveryHeaders
{
    /// <summary>AMQP limits all headers together, by default to 128 KiB.</summary>
    private const int MaxCharacters = 4_000;

    private const string ContentType = "Content-Type";

    /// <summary>What a consumer is told.</summary>
    public static IReadOnlyDictionary<string, object> Of(IReadOnlyBasicProperties properties)
    {
        var headers = new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in properties.Headers ?? new Dictionary<string, object?>())
        {
            if (value is not null)
                headers[name] = value is byte[] text ? Encoding.UTF8.GetString(text) : value;
        }

        if (!string.IsNullOrEmpty(properties.ContentType))
            headers[ContentType] = properties.ContentType;
        return headers;
    }

    /// <summary>What goes with a message that no consumer could process: all it had, and why, in the headers that MassTransit uses for that.</summary>
    /// <remarks>But for its lifetime, and for the user who published it: the broker takes no other than the one who publishes now, and closes the channel.</remarks>
    public static BasicProperties WithFailure(IReadOnlyBasicProperties properties, Exception failure)
    {
        var cause = failure.GetBaseException();
        var headers = new Dictionary<string, object?>(properties.Headers ?? new Dictionary<string, object?>())
        {
            [MessageHeaders.Reason] = "fault",
            [MessageHeaders.FaultExceptionType] = cause.GetType().FullName,
            [MessageHeaders.FaultMessage] = Shortened(cause.Message),
            [MessageHeaders.FaultTimestamp] = DateTime.UtcNow.ToString("O", CultureInfo.InvariantCulture),
            [MessageHeaders.FaultStackTrace] = Shortened(cause.StackTrace ?? ""),
        };
        return new BasicProperties(properties) { Headers = headers, DeliveryMode = DeliveryModes.Persistent, Expiration = null, UserId = null };
    }

    private static string Shortened(string text) => text.Length <= MaxCharacters ? text : text[..MaxCharacters];
}
