using System.Collections.Immutable;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Customers;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>Which queue takes the events of which customer.</summary>
public sealed class EventQueues
{
    private static readonly ImmutableArray<string> Names = [.. Enumerable.Range(0, CustomerPartition.Count).Select(QueueNames.EventsOf)];

    private EventQueues(bool arePartitioned) => ArePartitioned = arePartitioned;

    /// <summary>One for all customers: within one process nobody is there to share the work with.</summary>
    public static EventQueues One { get; } = new(arePartitioned: false);

    /// <summary>One for each partition of the customers, so that each is read by the evaluator that takes care of these customers.</summary>
    public static EventQueues ByPartition { get; } = new(arePartitioned: true);

    public bool ArePartitioned { get; }

    public string Of(string customer) => ArePartitioned ? Names[CustomerPartition.Of(customer)] : QueueNames.Events;
}
