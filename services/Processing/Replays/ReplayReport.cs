using System.Collections.Immutable;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Processing.Replays;

/// <summary>Why a customer was left as they are.</summary>
public enum LeftReason : byte
{
    /// <summary>The document has events that the journal lacks: their delivery has not come to its end.</summary>
    AwaitsDelivery,

    /// <summary>Whenever the customer was to be saved, somebody else had saved them.</summary>
    Overtaken,

    /// <summary>Earlier changes have yet to be told, and these are not to be.</summary>
    AwaitsPublication,

    /// <summary>Another rulebook decided the customer, or another snapshot of the population: what is told when they come over is not to be lost in a run that tells nobody.</summary>
    AwaitsRollover,

    /// <summary>Named, and there is neither an event nor a document.</summary>
    Unknown,
}

/// <summary>A customer who was left for later.</summary>
public sealed record LeftCustomer(string Customer, LeftReason Reason);

/// <summary>A tag that is not what the journal calls for.</summary>
/// <param name="Live">What the customer has; missing for none.</param>
/// <param name="Replayed">What the journal calls for; missing for none.</param>
public sealed record TagDifference(string Key, Value Live, Value Replayed);

/// <summary>A customer who is not what the journal calls for.</summary>
/// <param name="HasDocument">False for one who has events alone.</param>
/// <param name="Facts">Whether what is known of the customer differs too.</param>
public sealed record CustomerDifference(string Customer, bool HasDocument, bool Facts, ImmutableArray<TagDifference> Tags);

/// <summary>How many customers have, by the journal, a tag that they lack, lack one that they have, and have another value.</summary>
public sealed record TagCounts(long Gained, long Lost, long Changed)
{
    public static TagCounts operator +(TagCounts left, TagCounts right) => new(left.Gained + right.Gained, left.Lost + right.Lost, left.Changed + right.Changed);
}

/// <summary>What came of a number of customers. Reports of different customers add up.</summary>
public sealed record ReplayReport
{
    /// <summary>How many differences are kept at most.</summary>
    public const int MostSamples = 200;

    /// <summary>Of those left for later, so many are named where it is stored. While it is at work all are, to be tried again.</summary>
    public const int MostLeft = 1_000;

    public static ReplayReport Nothing { get; } = new();

    /// <summary>Who were rebuilt: those left for later are not among them.</summary>
    public long Customers { get; init; }

    /// <summary>Events read, of those left for later too.</summary>
    public long Events { get; init; }

    public long Same { get; init; }

    public long Different { get; init; }

    public long Written { get; init; }

    /// <summary>Of those who differ, how many had no document at all.</summary>
    public long WithoutDocument { get; init; }

    /// <summary>Who have a document and no events: they cannot be rebuilt, and are left as they are.</summary>
    public long WithoutEvents { get; init; }

    /// <summary>How many were left for later, <see cref="Left"/> among them.</summary>
    public long LeftForLater { get; init; }

    public ImmutableArray<LeftCustomer> Left { get; init; } = [];

    /// <summary>By key, for those tags that differ anywhere.</summary>
    public ImmutableSortedDictionary<string, TagCounts> Tags { get; init; } = ImmutableSortedDictionary.Create<string, TagCounts>(StringComparer.Ordinal);

    /// <summary>The first customers who differ.</summary>
    public ImmutableArray<CustomerDifference> Samples { get; init; } = [];

    /// <summary>Of the states that the journal calls for.</summary>
    public StateDigest Replayed { get; init; }

    /// <summary>Of the states that the documents have: those that agree with the journal count as it does.</summary>
    public StateDigest Live { get; init; }

    /// <summary>Both together, the customers of <paramref name="right"/> behind those of <paramref name="left"/>.</summary>
    public static ReplayReport operator +(ReplayReport left, ReplayReport right) => new()
    {
        Customers = left.Customers + right.Customers,
        Events = left.Events + right.Events,
        Same = left.Same + right.Same,
        Different = left.Different + right.Different,
        Written = left.Written + right.Written,
        WithoutDocument = left.WithoutDocument + right.WithoutDocument,
        WithoutEvents = left.WithoutEvents + right.WithoutEvents,
        LeftForLater = left.LeftForLater + right.LeftForLater,
        Left = left.Left.AddRange(right.Left),
        Tags = right.Tags.Aggregate(left.Tags, (tags, tag) => tags.SetItem(tag.Key, tags.TryGetValue(tag.Key, out var known) ? known + tag.Value : tag.Value)),
        Samples = Bounded(left.Samples, right.Samples, MostSamples),
        Replayed = left.Replayed + right.Replayed,
        Live = left.Live + right.Live,
    };

    /// <summary>As it is stored.</summary>
    public ReplayReport Bounded() => Left.Length <= MostLeft ? this : this with { Left = Left[..MostLeft] };

    private static ImmutableArray<T> Bounded<T>(ImmutableArray<T> left, ImmutableArray<T> right, int most) =>
        right.IsEmpty || left.Length >= most ? left : left.AddRange(right.AsSpan()[..Math.Min(right.Length, most - left.Length)]);
}
