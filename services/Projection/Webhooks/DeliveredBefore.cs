using System.Collections.Immutable;
using TaggingPipeline.Processing.Subscriptions;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>What was delivered behind the stored position before a run began: it is passed over.</summary>
internal sealed class DeliveredBefore(Subscription started)
{
    /// <summary>Behind which position to read on.</summary>
    /// <param name="readTo">Up to where everything is read or passed over.</param>
    public long Next(long readTo) => readTo >= started.ReadTo ? readTo : started.Waiting.Where(each => each > readTo).Append(started.ReadTo + 1).First() - 1;

    public bool Has(long position) => position <= started.ReadTo && started.Waiting.BinarySearch(position) < 0;

    /// <summary>How far a run has come: where it has not read yet, things are as they were.</summary>
    /// <param name="window">What it has read and not delivered.</param>
    public Reached With(DeliveryWindow window, long readTo) =>
        new(window.DeliveredTo(readTo), Math.Max(readTo, started.ReadTo), [.. window.Undelivered, .. started.Waiting.Where(each => each > readTo)]);
}
