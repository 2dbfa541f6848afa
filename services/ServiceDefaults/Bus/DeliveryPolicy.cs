using System.Runtime.Serialization;
using System.Text.Json;
using MassTransit;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>What happens to a message whose consumer fails, for consumer definitions to apply.</summary>
public static class DeliveryPolicy
{
    /// <summary>About four minutes in all: a store or a neighbour that restarts is back by then.</summary>
    private static readonly TimeSpan[] Intervals = [.. new[] { 0.1, 0.5, 2, 5, 10, 20, 30, 60, 60, 60 }.Select(TimeSpan.FromSeconds)];

    /// <summary>
    /// Tries again at growing intervals, then moves the message to the queue's error queue, where it stays until somebody resubmits it. A message that
    /// cannot be read goes there at once.
    /// </summary>
    /// <param name="hopeless">Exceptions after which it goes there at once too.</param>
    public static void RetryThenSetAside(this IReceiveEndpointConfigurator endpoint, params Type[] hopeless) => endpoint.UseMessageRetry(retry =>
    {
        retry.Ignore(hopeless);
        retry.Ignore<SerializationException>();
        retry.Ignore<JsonException>();
        retry.Intervals(Intervals);
    });
}
