using NodaTime;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>How long to wait after failures: any time up to a bound that doubles with each.</summary>
/// <remarks>Full jitter spreads those who failed together best: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/. A tenth is waited at least.</remarks>
internal static class Pauses
{
    private const int MostDoublings = 40;

    public static Duration After(int failures, WebhookOptions options)
    {
        var bound = Duration.Min(options.LongestPause, options.FirstPause * Math.Pow(2, Math.Clamp(failures - 1, 0, MostDoublings)));
        return bound * (0.1 + (0.9 * options.Chance()));
    }
}
