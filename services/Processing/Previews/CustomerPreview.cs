using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;

namespace TaggingPipeline.Processing.Previews;

/// <summary>What another rulebook would make of one customer, at one instant. Nothing is saved.</summary>
/// <param name="Customer">Whose.</param>
/// <param name="Traits">Those that segments see, the same under both.</param>
/// <param name="Before">The tags held under the rulebook in force, by key.</param>
/// <param name="After">The tags held under the other one, by key.</param>
/// <param name="Changes">What publishing would tell of tags.</param>
internal readonly record struct CustomerPreview(
    string Customer, PropertyBag Traits, IReadOnlyDictionary<string, Value> Before, IReadOnlyDictionary<string, Value> After, ImmutableArray<TagChange> Changes)
{
    /// <summary>Whether the events in the journal had to be read.</summary>
    public bool IsFromJournal { get; init; }

    /// <param name="facts">Under the measures of <paramref name="inForce"/>, with all events observed: those of the document, or of the journal.</param>
    /// <param name="underCandidate">The same events of the journal under those of <paramref name="candidate"/>; null if the document's facts do for both.</param>
    public static CustomerPreview Of(CustomerDocument stored, CustomerFacts facts, CustomerFacts? underCandidate, Rulebook inForce, Rulebook candidate, Instant asOf)
    {
        var (tags, known) = (stored.Tags, Tagging.Settle(facts, inForce, asOf));
        if (underCandidate is not null || tags.Rulebook != inForce.DecidesAs || stored.WakesAt <= asOf)
        {
            // What time alone has changed by now, or an event since the document was read, would change without the other rulebook too.
            var now = Tagging.Decide(known, tags, inForce, asOf, ChangeCause.Time);
            (tags, known) = (now.Tags, now.Facts);
        }

        var then = Tagging.Decide(Tagging.Settle(underCandidate ?? known, candidate, asOf), tags, candidate, asOf, ChangeCause.Rulebook);
        return new(stored.Customer, known.Traits, ByKey(tags), ByKey(then.Tags), then.Changes) { IsFromJournal = underCandidate is not null };
    }

    private static Dictionary<string, Value> ByKey(TagSet tags)
    {
        var held = new Dictionary<string, Value>(StringComparer.Ordinal);
        foreach (var state in tags.Held)
            held.Add(state.Key, state.Value);
        return held;
    }
}
