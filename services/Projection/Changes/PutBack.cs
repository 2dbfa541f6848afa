using MassTransit;
using TaggingPipeline.Contracts;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Projection.Changes;

/// <summary>How often, and after which pauses, what is ahead in a message is taken up again.</summary>
/// <remarks>
/// Where there is a queue it goes to its end, and only when it is safe there is this delivery acknowledged: a crash between leaves it twice, never not at all.
/// The place of work it holds meanwhile is free again after a pause of at most a second, so neither the missing message, which is in the queue or in another's
/// hands, nor other customers have to wait for it. If it cannot be put back, the delivery fails and is tried again like any other.
/// </remarks>
internal static class PutBack
{
    /// <summary>With the pauses, about a minute and a half.</summary>
    public const int MaxRounds = 100;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>How often the delivery was put back before.</summary>
    public static int RoundsOf(ConsumeContext delivery) => delivery.Headers.Get<int>(IRedelivery.RoundHeader).GetValueOrDefault();

    /// <summary>Waits before the round, which must not be more than <see cref="MaxRounds"/>.</summary>
    public static Task PauseAsync(int round, TimeProvider clock, CancellationToken cancellationToken) =>
        Task.Delay(round > 8 ? LongestPause : FirstPause * (1 << (round - 1)), clock, cancellationToken);
}

/// <summary>A message stayed ahead: the changes sent before it did not come.</summary>
public sealed class EarlierChangesMissingException(long sequence)
    : Exception($"The changes that lead to number {sequence} did not come. Move this message back to {QueueNames.TagChanges} after those before it.");
