using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.CommandLine.Evaluation;

/// <summary>Finds a customer's tags by going through their events in time order, as a pipeline without delay would have.</summary>
/// <remarks>
/// The tags are decided at each event's instant and at each instant at which they change by themselves, so a tag's <c>since</c> is the exact
/// instant at which it came to its value, and does not depend on the instant asked for.
/// </remarks>
internal static class History
{
    /// <param name="events">Of one customer, each id once, in any order. Those after <paramref name="asOf"/> are left out.</param>
    public static TagSet TagsOf(IEnumerable<CustomerEvent> events, Rulebook rulebook, Instant asOf)
    {
        var walk = new Walk(rulebook);
        var instants = events.Where(happened => happened.OccurredAt <= asOf).GroupBy(happened => happened.OccurredAt).OrderBy(group => group.Key);
        foreach (var instant in instants)
        {
            walk.PassTo(instant.Key);
            walk.Observe(instant, instant.Key);
        }

        walk.PassTo(asOf);
        return walk.Tags;
    }

    private sealed class Walk(Rulebook rulebook)
    {
        private CustomerFacts _facts = CustomerFacts.Of(rulebook);
        private Instant? _changesAt;

        public TagSet Tags { get; private set; } = TagSet.Empty;

        /// <summary>Decides at every instant up to this one at which tags change by themselves.</summary>
        public void PassTo(Instant instant)
        {
            while (_changesAt is { } change && change <= instant)
                Decide(change, ChangeCause.Time);
        }

        public void Observe(IEnumerable<CustomerEvent> events, Instant instant)
        {
            foreach (var happened in events.OrderBy(happened => happened.Id, StringComparer.Ordinal))
                _facts = Tagging.Observe(_facts, happened, rulebook, instant);
            Decide(instant, ChangeCause.Event);
        }

        private void Decide(Instant instant, ChangeCause cause)
        {
            _facts = Tagging.Settle(_facts, rulebook, instant);
            var decision = Tagging.Decide(_facts, Tags, rulebook, instant, cause);
            (_facts, Tags, _changesAt) = (decision.Facts, decision.Tags, decision.ChangesAt);
        }
    }
}
