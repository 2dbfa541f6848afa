using MassTransit;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Contracts;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Projection.Changes;

/// <summary>Has what is ahead in a message delivered again later, behind those that wait now.</summary>
/// <remarks>
/// It goes to the end of its own queue, and only when it is safe there is this delivery acknowledged: a crash between leaves it twice, never not at all.
/// The place of work it holds meanwhile is free again after a pause of at most a second, so neither the missing message, which is in the queue or in another's
/// hands, nor other customers have to wait for it. If it cannot be put back, the delivery fails and is tried again like any other.
/// </remarks>
internal static class PutBack
{
    /// <summary>With the pauses, about a minute and a half.</summary>
    public const int MaxRounds = 100;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <exception cref="EarlierChangesMissingException">It has been put back <see cref="MaxRounds"/> times.</exception>
    public static async Task SendAsync(
        ConsumeContext<TagsChangedBatch> context, IReadOnlyList<TagsChanged> ahead, IRedelivery redelivery, TimeProvider clock, ILogger log)
    {
        var round = context.Headers.Get<int>(IRedelivery.RoundHeader).GetValueOrDefault() + 1;
        if (round > MaxRounds)
            throw new EarlierChangesMissingException(ahead[0].Sequence);

        await Task.Delay(PauseBefore(round), clock, context.CancellationToken);
        await redelivery.SendAgainAsync(context, QueueNames.TagChanges, new TagsChangedBatch { Customers = ahead }, round);
        Log.MessagePutBack(log, round);
    }

    private static TimeSpan PauseBefore(int round) => round > 8 ? LongestPause : FirstPause * (1 << (round - 1));
}

/// <summary>A message stayed ahead: the changes sent before it did not come.</summary>
public sealed class EarlierChangesMissingException(long sequence)
    : Exception($"The changes that lead to number {sequence} did not come. Move this message back to {QueueNames.TagChanges} after those before it.");
