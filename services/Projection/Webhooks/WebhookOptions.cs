using System.Net;
using NodaTime;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>What deliveries depend on besides their subscription; tests give their own.</summary>
public sealed record WebhookOptions
{
    /// <summary>The machine's, not the pipeline's: that one may stand still, and receivers check the time of a signature.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>A number from 0 up to 1, for pauses that do not fall together.</summary>
    public Func<double> Chance { get; init; } = Random.Shared.NextDouble;

    /// <summary>The addresses that a name stands for.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    public Duration FirstPause { get; init; } = Duration.FromSeconds(1);

    public Duration LongestPause { get; init; } = Duration.FromMinutes(15);

    /// <summary>What a subscriber may ask for at most by <c>Retry-After</c>.</summary>
    public Duration LongestAskedPause { get; init; } = Duration.FromHours(1);

    /// <summary>What fails for longer parks its subscription.</summary>
    public Duration GivesUpAfter { get; init; } = Duration.FromHours(24);

    /// <summary>How many changes may be under way or waiting behind one that fails.</summary>
    public int Window { get; init; } = 1000;

    /// <summary>How often progress is stored at most, and the feed looked at for what other processes append.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromMilliseconds(500);

    public Instant Now() => Instant.FromUnixTimeMilliseconds(Clock.GetUtcNow().ToUnixTimeMilliseconds());
}
