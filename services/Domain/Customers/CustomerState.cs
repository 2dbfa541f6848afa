using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Domain.Customers;

/// <summary>A tag as it stands.</summary>
/// <param name="Value">Missing where it is not held.</param>
/// <param name="ChangesAt">The earliest instant at which the value would differ with no further event; null for never.</param>
public readonly record struct StandingTag(string Key, Value Value, Instant? ChangesAt);

/// <summary>All that one customer's events, a rulebook and an instant determine: facts, tags, reasons and the next change.</summary>
/// <remarks>
/// The numbering of changes and since when a tag has its value are history, and no part of it. States that are equal have equal bytes, whenever, in whatever order and by whatever
/// way they came about.
/// </remarks>
public sealed class CustomerState
{
    private readonly Rulebook _rulebook;
    private byte[]? _bytes;

    private CustomerState(Decision decision, ImmutableArray<StandingTag> tags, Rulebook rulebook, Instant asOf)
    {
        (Decision, Tags, AsOf) = (decision, tags, asOf);
        _rulebook = rulebook;
    }

    public Instant AsOf { get; }

    /// <summary>The decision by which it came about.</summary>
    public Decision Decision { get; }

    public CustomerFacts Facts => Decision.Facts;

    /// <summary>The rulebook's tags in its order, held or not; after them what is held though no rule is for it.</summary>
    public ImmutableArray<StandingTag> Tags { get; }

    /// <summary>When it will be another with no further event; null for never.</summary>
    public Instant? NextChange => Decision.ChangesAt is { } changes && Facts.NextWaiting is { } waiting ? Instant.Min(changes, waiting) : Decision.ChangesAt ?? Facts.NextWaiting;

    /// <summary>The facts in their canonical form.</summary>
    public ReadOnlySpan<byte> FactBytes => _bytes ??= Facts.Encode();

    /// <summary>What facts call for as of an instant.</summary>
    /// <param name="facts">With all events that are known; not settled for any later instant.</param>
    /// <param name="held">As the decision before left them: what changes is in <see cref="Decision"/>.</param>
    public static CustomerState Called(CustomerFacts facts, TagSet held, Rulebook rulebook, Instant asOf, ChangeCause cause)
    {
        var decision = Decide(facts, held, rulebook, asOf, cause);
        var tags = ImmutableArray.CreateBuilder<StandingTag>(rulebook.Tags.Length);
        foreach (var state in decision.Tags.Standing)
        {
            if (tags.Count < rulebook.Tags.Length || state.IsHeld)
                tags.Add(new(state.Key, state.Value, state.ChangesAt));
        }

        return new(decision, tags.DrainToImmutable(), rulebook, asOf);
    }

    /// <summary>What a customer has who was decided before, as of an instant: a tag has the value that it was given, until the instant comes at which it is to be looked at again.</summary>
    /// <remarks>So a value that the rules do not call for shows, while a customer who only slept since is taken as if they had been woken.</remarks>
    public static CustomerState Kept(CustomerFacts facts, TagSet held, Rulebook rulebook, Instant asOf)
    {
        var decision = Decide(facts, held, rulebook, asOf, ChangeCause.Time);
        return new(decision, KeptOf(decision, held, rulebook, asOf), rulebook, asOf);
    }

    /// <summary>The tags of <see cref="Kept"/>, for a customer whose facts, settled for this instant, are these.</summary>
    public ImmutableArray<StandingTag> KeptTags(TagSet held) => KeptOf(Decision, held, _rulebook, AsOf);

    /// <summary>Whether both are alike, under one rulebook and as of one instant.</summary>
    public bool Agrees(CustomerState other) => HasTags(other.Tags) && FactBytes.SequenceEqual(other.FactBytes);

    /// <summary>Whether the tags have these values.</summary>
    private bool HasTags(ImmutableArray<StandingTag> tags)
    {
        if (tags.Length != Tags.Length)
            return false;
        for (var i = 0; i < tags.Length; i++)
        {
            if (tags[i].Key != Tags[i].Key || tags[i].Value != Tags[i].Value)
                return false;
        }

        return true;
    }

    /// <summary>Why the tags that are held have their values, by key.</summary>
    public IReadOnlyDictionary<string, Reason> Reasons() => Tagging.Reasons(Facts, [.. Tags.Where(tag => !tag.Value.IsMissing).Select(tag => tag.Key)], _rulebook, AsOf);

    /// <summary>The number that stands for this state of this customer: the first 128 bits of the SHA-256 of its canonical form.</summary>
    /// <remarks>That form is the customer's id, facts, tags held with values, reasons and next changes, and the next change of all. Events that wait for their time are facts.</remarks>
    public StateDigest DigestOf(string customer)
    {
        var facts = FactBytes;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, facts.Length);
        hash.AppendData(length);
        hash.AppendData(facts);
        hash.AppendData(Encode(customer));
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return new(BinaryPrimitives.ReadUInt128BigEndian(digest), 1);
    }

    private static Decision Decide(CustomerFacts facts, TagSet held, Rulebook rulebook, Instant asOf, ChangeCause cause) =>
        Tagging.Decide(Tagging.Settle(facts, rulebook, asOf), held with { DecidedFrom = null, Unforeseen = [] }, rulebook, asOf, cause); // every rule anew: nothing that was known before is taken for true

    private static ImmutableArray<StandingTag> KeptOf(Decision decision, TagSet held, Rulebook rulebook, Instant asOf)
    {
        var stands = held.Rulebook == rulebook.DecidesAs;
        var tags = ImmutableArray.CreateBuilder<StandingTag>(rulebook.Tags.Length);
        for (var place = 0; place < decision.Tags.Standing.Count; place++)
        {
            var state = decision.Tags.Standing[place];
            var value = stands && place < held.Standing.Count && held.Standing[place] is var kept && kept.Key == state.Key && !(kept.ChangesAt <= asOf) ? kept.Value : state.Value;
            if (tags.Count < rulebook.Tags.Length || !value.IsMissing)
                tags.Add(new(state.Key, value, state.ChangesAt));
        }

        return tags.DrainToImmutable();
    }

    private byte[] Encode(string customer)
    {
        var reasons = Reasons();
        var writer = FactsWriter.Start();
        writer.Text(customer);
        OptionalInstant(writer, NextChange);
        foreach (var tag in Tags)
        {
            if (tag.Value.IsMissing)
                continue;
            writer.Text(tag.Key);
            writer.Value(tag.Value);
            OptionalInstant(writer, tag.ChangesAt);
            if (reasons.TryGetValue(tag.Key, out var reason))
                Encode(writer, reason);
        }

        return writer.ToArray(Facts.Measures.Fingerprint);
    }

    /// <summary>Without notes, which say the same for people.</summary>
    private static void Encode(FactsWriter writer, Reason reason)
    {
        writer.Unsigned((ulong)reason.Clauses.Length);
        foreach (var clause in reason.Clauses)
        {
            writer.Text(clause.Text);
            writer.Value(clause.Actual);
            writer.Value(clause.Threshold);
            writer.Byte(clause.Holds ? (byte)1 : (byte)0);
        }

        writer.Unsigned((ulong)reason.Events.Length);
        foreach (var id in reason.Events)
            writer.Text(id);
    }

    private static void OptionalInstant(FactsWriter writer, Instant? instant)
    {
        writer.Byte(instant is null ? (byte)0 : (byte)1);
        if (instant is { } known)
            writer.Signed(known.ToUnixTimeMilliseconds());
    }
}
