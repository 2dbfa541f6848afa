namespace TaggingPipeline.Projection.Changes;

/// <summary>Told within this process that the feed has grown, so that readers of it need not ask all the time.</summary>
/// <remarks>What other processes append is not told here: readers still have to look now and then. Thread-safe.</remarks>
public sealed class FeedSignal
{
    /// <summary>Raised on the thread that appended: whoever listens only notes it.</summary>
    public event Action? Grown;

    public void Raise() => Grown?.Invoke();
}
