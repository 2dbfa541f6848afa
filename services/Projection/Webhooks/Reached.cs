using System.Collections.Immutable;
using TaggingPipeline.Processing.Subscriptions;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>How far deliveries have come.</summary>
/// <param name="Position">Everything up to it is delivered, or not asked for.</param>
/// <param name="ReadTo">So is everything up to this one but what is waiting.</param>
/// <param name="Waiting">Positions that are not delivered yet, ascending.</param>
internal sealed record Reached(long Position, long ReadTo, ImmutableArray<long> Waiting)
{
    /// <summary>Never back: both what is stored and this are true, so the later position is, too.</summary>
    public Subscription Noted(Subscription stored)
    {
        var position = Math.Max(stored.Position, Position);
        return stored with { Position = position, ReadTo = Math.Max(position, ReadTo), Waiting = Waiting.RemoveAll(each => each <= position) };
    }
}
