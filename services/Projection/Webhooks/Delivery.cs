using NodaTime;
using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>Changes that are sent together, and sent again together until they are delivered.</summary>
/// <param name="Entries">In the order of the feed for each customer; none of these customers has anything else under way.</param>
internal sealed record Delivery(IReadOnlyList<FeedEntry> Entries)
{
    public string MessageId { get; } = MessageIds.Of(Entries.Select(entry => entry.Id));

    /// <summary>How often it was sent.</summary>
    public int Attempts { get; set; }

    /// <summary>How often it failed while others did not: what its pauses grow with.</summary>
    public int OwnFailures { get; set; }

    public Instant? FirstFailedAt { get; set; }

    /// <summary>When it may be sent next.</summary>
    public Instant NotBefore { get; set; }
}
