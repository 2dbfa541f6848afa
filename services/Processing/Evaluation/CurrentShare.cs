namespace TaggingPipeline.Processing.Evaluation;

/// <summary>The share of the customers that this process takes care of at the moment.</summary>
/// <remarks>Thread-safe. Take <see cref="Value"/> once for a piece of work.</remarks>
public sealed class CurrentShare(WorkShare share)
{
    private volatile WorkShare _value = share;

    public WorkShare Value => _value;

    public void Replace(WorkShare share) => _value = share;
}
