using NodaTime;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>Deliveries that wait to be sent again.</summary>
/// <remarks>There are as many as fit into the window at most, so they are simply gone through.</remarks>
internal sealed class FailedDeliveries
{
    private readonly List<Delivery> _waiting = [];

    /// <summary>Since when something fails; null while nothing does.</summary>
    public Instant? FailingSince => _waiting.Count == 0 ? null : _waiting.Min(delivery => delivery.FirstFailedAt);

    /// <summary>When the next may be sent; null for none.</summary>
    public Instant? NextAt => _waiting.Count == 0 ? null : _waiting.Min(delivery => delivery.NotBefore);

    public void Add(Delivery delivery) => _waiting.Add(delivery);

    /// <summary>One whose time has come, that which was sent least often first; null for none.</summary>
    public Delivery? Take(Instant now)
    {
        var next = _waiting.Where(delivery => delivery.NotBefore <= now).MinBy(delivery => delivery.Attempts);
        if (next is not null)
            _waiting.Remove(next);
        return next;
    }
}
