namespace TaggingPipeline.Domain.Rules.Measures;

/// <summary>How much a customer's facts keep as it is. What is more is kept in groups, in sum, or not at all.</summary>
/// <remarks>Other than <see cref="Usual"/> only in tests.</remarks>
/// <param name="Entries">The newest entries of a series that are kept one by one; not below the number of events that a reason names.</param>
/// <param name="Orders">The latest orders that can still be amended.</param>
/// <param name="Values">The different values of one column that are known of older events.</param>
internal sealed record FactLimits(int Entries, int Orders, int Values)
{
    public static FactLimits Usual { get; } = new(4_096, 512, 4_096);
}
