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
        walk.GoTo(events.Where(happened => happened.OccurredAt <= asOf), asOf);
        return walk.Tags;
    }

    /// <summary>One customer on the way through their events.</summary>
    internal sealed class Walk(Rulebook rulebook)
    {
        private Instant _now = Instant.MinValue;
        private Instant? _changesAt;

        public CustomerFacts Facts { get; private set; } = CustomerFacts.Of(rulebook);

        public TagSet Tags { get; private set; } = TagSet.Empty;

        /// <summary>Goes on to an instant, and takes in events on the way. Those from before where it is come late: they count from now on.</summary>
        /// <param name="events">None later than the instant.</param>
        public void GoTo(IEnumerable<CustomerEvent> events, Instant asOf)
        {
            foreach (var instant in events.GroupBy(happened => Instant.Max(happened.OccurredAt, _now)).OrderBy(group => group.Key))
            {
                PassTo(instant.Key);
                Observe(instant, instant.Key);
                _now = instant.Key;
            }

            PassTo(asOf);
            _now = asOf;
        }

        /// <summary>Decides at every instant up to this one at which tags change by themselves.</summary>
        private void PassTo(Instant instant)
        {
            while (_changesAt is { } change && change <= instant)
                Decide(change, ChangeCause.Time);
        }

        private void Observe(IEnumerable<CustomerEvent> events, Instant instant)
        {
            Facts = Tagging.Observe(Facts, [.. events.OrderBy(happened => happened.Id, StringComparer.Ordinal)], rulebook, instant);
            Decide(instant, ChangeCause.Event);
        }

        private void Decide(Instant instant, ChangeCause cause)
        {
            Facts = Tagging.Settle(Facts, rulebook, instant);
            var decision = Tagging.Decide(Facts, Tags, rulebook, instant, cause);
            (Facts, Tags, _changesAt) = (decision.Facts, decision.Tags, decision.ChangesAt);
        }
    }
}
