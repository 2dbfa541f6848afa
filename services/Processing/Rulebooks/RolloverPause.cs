namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>Whether roll-overs wait, as this process knows. What customers do is decided all the same.</summary>
/// <remarks>Thread-safe. A pause is of one version: with another in force roll-overs go on.</remarks>
public sealed class RolloverPause(CurrentRulebook current)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private long _of;

    /// <summary>Whether the roll-over of the version in force is to wait.</summary>
    public bool IsOn => Volatile.Read(ref _of) is var number && number > 0 && number == current.Value.Number;

    /// <summary>The number of the version whose roll-over is to wait; null for none.</summary>
    public void Set(long? of) => Volatile.Write(ref _of, of ?? 0);

    /// <summary>Returns when there is no pause any more, which may be at once.</summary>
    /// <remarks>On the machine's timer, not the pipeline's clock: that one may stand still.</remarks>
    public async Task PassedAsync(CancellationToken cancellationToken)
    {
        while (IsOn)
            await Task.Delay(Interval, cancellationToken);
    }
}
