using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Domain.Specs.Properties;

/// <summary>The ways in which events come into facts, all of which must come to the same.</summary>
internal static class Gathering
{
    /// <summary>Facts with more events, settled: one by one, together, or built up, whichever falls.</summary>
    public static CustomerFacts Observe(Random random, CustomerFacts known, CustomerEvent[] events, Rulebook rulebook, Instant asOf)
    {
        switch (random.Next(3))
        {
            case 0:
                foreach (var observed in events)
                    known = Tagging.Observe(known, observed, rulebook, asOf);
                return Tagging.Settle(known, rulebook, asOf);
            case 1:
                return Tagging.Observe(known, events, rulebook, asOf);
            default:
                var builder = new FactsBuilder(known, rulebook, asOf);
                foreach (var observed in events)
                {
                    builder.Observe(observed);
                    if (random.Next(8) == 0)
                        builder.ToFacts();
                }

                return builder.ToFacts();
        }
    }
}
