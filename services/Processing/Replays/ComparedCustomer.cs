using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;

namespace TaggingPipeline.Processing.Replays;

/// <summary>What a customer has, beside what the journal calls for.</summary>
/// <param name="Digest">Of what the journal calls for.</param>
/// <param name="LiveDigest">Of what the document has: the same number if both agree.</param>
/// <param name="Difference">Null if both agree.</param>
internal sealed record ComparedCustomer(StateDigest Digest, StateDigest LiveDigest, CustomerDifference? Difference)
{
    /// <param name="facts">By the journal.</param>
    /// <param name="stored">Null for no document.</param>
    public static ComparedCustomer Of(string customer, CustomerFacts facts, CustomerDocument? stored, ReplayTask task)
    {
        var (rulebook, inForce, asOf) = (task.Rulebook, task.InForce, task.AsOf);
        var replayed = CustomerState.Called(facts, stored?.Tags ?? TagSet.Empty, rulebook, asOf, ChangeCause.Replay);
        var digest = replayed.DigestOf(customer);
        if (stored is null)
            return new(digest, StateDigest.None, new(customer, HasDocument: false, Facts: true, Differences([], replayed.Tags)));

        // Facts can be compared under one rulebook and as of one instant.
        var areComparable = ReferenceEquals(rulebook, inForce) && !task.IsPast;

        // What was decided for an instant is not taken back: such a customer is compared as of that instant, unless it is the past that is asked for.
        if (stored.EvaluatedAt > asOf)
        {
            asOf = stored.EvaluatedAt;
            if (!task.IsPast)
                replayed = CustomerState.Called(facts, stored.Tags, rulebook, asOf, ChangeCause.Replay);
        }

        if (areComparable && HasFacts(stored, replayed, rulebook, asOf))
        {
            // The facts agree, and with them what they call for: only what was made of them may not.
            var kept = replayed.KeptTags(stored.Tags);
            var wrong = Differences(kept, replayed.Tags);
            if (wrong.IsEmpty)
                return new(digest, digest, Oversleeps(stored, replayed) ? new(customer, HasDocument: true, Facts: true, []) : null);
        }

        if (stored.Facts.For(inForce) is not { } known)
        {
            // Its facts are of other measures and cannot be compared: only the tags can, as they were last decided.
            var held = stored.Tags.Held.Select(state => new StandingTag(state.Key, state.Value, state.ChangesAt)).ToImmutableArray();
            return new(digest, StateDigest.None with { Customers = 1 }, new(customer, HasDocument: true, Facts: true, Differences(held, replayed.Tags)));
        }

        var live = CustomerState.Kept(known, stored.Tags, inForce, asOf);
        var differences = Differences(live.Tags, replayed.Tags);
        var differInFacts = areComparable && !live.FactBytes.SequenceEqual(replayed.FactBytes);
        if (differences.IsEmpty && !differInFacts)
            return new(digest, areComparable ? digest : live.DigestOf(customer), null);
        return new(digest, live.DigestOf(customer), new(customer, HasDocument: true, differInFacts, differences));
    }

    /// <summary>Whether nobody would look at a document when the time comes at which its tags or facts want it.</summary>
    private static bool Oversleeps(CustomerDocument stored, CustomerState state) =>
        (stored.Tags.ChangesAt is { } changes && !(stored.WakesAt <= changes)) || (state.Facts.NextWaiting is { } waiting && !(stored.WakesAt <= waiting));

    /// <summary>Whether a document's facts, settled, are those of a state. Mostly they are as they stand, and need not even be read.</summary>
    private static bool HasFacts(CustomerDocument stored, CustomerState state, Rulebook rulebook, Instant asOf) =>
        state.FactBytes.SequenceEqual(stored.Facts.Bytes)
        || (stored.Facts.For(rulebook) is { } facts && state.FactBytes.SequenceEqual(Tagging.Settle(facts, rulebook, asOf).Encode()));

    private static ImmutableArray<TagDifference> Differences(ImmutableArray<StandingTag> live, ImmutableArray<StandingTag> replayed)
    {
        var differences = ImmutableArray<TagDifference>.Empty;
        for (var i = 0; i < replayed.Length; i++)
        {
            // Mostly both are of one rulebook, in its order.
            var value = i < live.Length && live[i].Key == replayed[i].Key ? live[i].Value : ValueOf(live, replayed[i].Key);
            if (value != replayed[i].Value)
                differences = differences.Add(new(replayed[i].Key, value, replayed[i].Value));
        }

        for (var i = 0; i < live.Length; i++)
        {
            if (!live[i].Value.IsMissing && !(i < replayed.Length && replayed[i].Key == live[i].Key) && !Has(replayed, live[i].Key))
                differences = differences.Add(new(live[i].Key, live[i].Value, Value.Missing));
        }

        return differences;
    }

    private static bool Has(ImmutableArray<StandingTag> tags, string key) => tags.Any(tag => tag.Key == key);

    private static Value ValueOf(ImmutableArray<StandingTag> tags, string key) => tags.FirstOrDefault(tag => tag.Key == key).Value;
}
