using NodaTime;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>Whether a subscriber answers at all: one change that is refused is no reason to stop, but when everything fails it is tried with one request at a time.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class EndpointHealth(WebhookOptions options)
{
    /// <summary>So many different deliveries have to fail in a row, without a success between them.</summary>
    private const int DownAfter = 3;

    private readonly HashSet<Delivery> _failing = new(ReferenceEqualityComparer.Instance);
    private int _probes;

    public bool IsDown => _failing.Count >= DownAfter;

    /// <summary>Nothing may be sent before.</summary>
    public Instant OpensAt { get; private set; }

    public void Succeeded()
    {
        _failing.Clear();
        _probes = 0;
    }

    /// <summary>Notes a failure, and sets when the delivery may be sent again.</summary>
    /// <param name="stillUnderWay">How many others are.</param>
    /// <param name="asked">How long the subscriber asked to be left alone.</param>
    public void Failed(Delivery delivery, Instant now, int stillUnderWay, Duration? asked)
    {
        // In an outage its own pauses would add up with those between probes.
        delivery.NotBefore = IsDown ? now : now + Pauses.After(++delivery.OwnFailures, options);
        _failing.Add(delivery);
        if (IsDown && stillUnderWay == 0)
            OpensAt = Instant.Max(OpensAt, now + Pauses.After(++_probes, options));
        if (asked is { } pause)
            OpensAt = Instant.Max(OpensAt, now + Duration.Max(Duration.Zero, Duration.Min(pause, options.LongestAskedPause)));
    }
}
