using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Populations;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.CommandLine.Evaluation;

/// <summary>The population that a file's customers are.</summary>
internal static class Population
{
    /// <summary>Looks at all customers as of an instant; events after it do not count.</summary>
    public static PopulationSnapshot Of(IEnumerable<IEnumerable<CustomerEvent>> customers, Rulebook rulebook, Instant asOf, CancellationToken cancellationToken)
    {
        var measured = customers.AsParallel().WithCancellation(cancellationToken).Select(events =>
        {
            var facts = new FactsBuilder(CustomerFacts.Of(rulebook), rulebook, asOf);
            foreach (var happened in events.Where(happened => happened.OccurredAt <= asOf))
                facts.Observe(happened);
            return Tagging.Measure(facts.ToFacts(), rulebook, asOf);
        });
        var count = new PopulationCount(rulebook);
        foreach (var customer in measured)
            count.Add(customer);
        return count.ToSnapshot(number: 1, asOf);
    }
}
