using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;

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

    /// <param name="facts">Under the measures of <paramref name="inForce"/>, with all events observed.</param>
    /// <param name="underCandidate">The same under those of <paramref name="candidate"/>; null if they are the same measures.</param>
    /// <param name="held">The tags as they were last decided.</param>
    public static CustomerPreview Of(
        string customer, CustomerFacts facts, CustomerFacts? underCandidate, TagSet held, Rulebook inForce, Rulebook candidate, Instant asOf)
    {
        // What time alone has changed by now would change without the other rulebook too.
        var now = Tagging.Decide(Tagging.Settle(facts, inForce, asOf), held, inForce, asOf, ChangeCause.Time);
        var then = Tagging.Decide(Tagging.Settle(underCandidate ?? now.Facts, candidate, asOf), now.Tags, candidate, asOf, ChangeCause.Rulebook);
        return new(customer, now.Facts.Traits, ByKey(now.Tags), ByKey(then.Tags), then.Changes);
    }

    private static Dictionary<string, Value> ByKey(TagSet tags)
    {
        var held = new Dictionary<string, Value>(StringComparer.Ordinal);
        foreach (var state in tags.Held)
            held.Add(state.Key, state.Value);
        return held;
    }
}
