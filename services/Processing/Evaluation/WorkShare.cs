using TaggingPipeline.Processing.Customers;

namespace TaggingPipeline.Processing.Evaluation;

/// <summary>The customers whom one evaluator takes care of: all those of some partitions.</summary>
/// <remarks>
/// Evaluators who know of the same roster have shares that do not overlap and leave nobody out. While the roster changes they may, for a moment: work that two
/// do is lost by one of them at its save, and work that nobody does waits.
/// </remarks>
public sealed record WorkShare
{
    private readonly ushort _partitions;

    private WorkShare(IEnumerable<int> partitions)
    {
        foreach (var partition in partitions)
            _partitions |= (ushort)(1 << partition);
    }

    /// <summary>All customers: for an evaluator that is the only one.</summary>
    public static WorkShare Everything { get; } = new(Enumerable.Range(0, CustomerPartition.Count));

    /// <summary>Nobody: for an evaluator that does not know which others there are.</summary>
    public static WorkShare Nothing { get; } = new([]);

    /// <summary>Its partitions, in ascending order.</summary>
    public IEnumerable<int> Partitions => Enumerable.Range(0, CustomerPartition.Count).Where(HasPartition);

    /// <summary>The share of one of several: the partitions whose number, modulo how many evaluators there are, is its place among them.</summary>
    /// <param name="signedIn">In the same order for all; with no partition left, an evaluator has a share of nothing.</param>
    /// <exception cref="ArgumentException">The evaluator is not among them.</exception>
    public static WorkShare Of(string evaluator, IReadOnlyList<string> signedIn)
    {
        var rank = signedIn.ToList().IndexOf(evaluator);
        if (rank < 0)
            throw new ArgumentException($"{evaluator} is not signed in.", nameof(signedIn));
        return new(Enumerable.Range(0, CustomerPartition.Count).Where(partition => partition % signedIn.Count == rank));
    }

    /// <summary>Whether it falls to this evaluator to do what is done once for all: to whoever has the first partition.</summary>
    public bool IsFirst => HasPartition(0);

    public bool Has(string customer) => HasPartition(CustomerPartition.Of(customer));

    /// <summary>The partitions with their queues' numbers, for people: <c>1, 3, 5</c>, or <c>none</c>.</summary>
    public override string ToString() => _partitions == 0 ? "none" : string.Join(", ", Partitions.Select(partition => partition + 1));

    private bool HasPartition(int partition) => (_partitions & (1 << partition)) != 0;
}
