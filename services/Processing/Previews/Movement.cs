using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Processing.Previews;

/// <summary>How a customer moves in a tag or segment.</summary>
public enum Move { Enters, Leaves, Changes }

/// <summary>One customer who would move.</summary>
/// <param name="Key">Of the tag or segment.</param>
/// <param name="Previous">Missing for who enters.</param>
/// <param name="Value">Missing for who leaves.</param>
/// <param name="Reason">Why the new rule comes to this.</param>
public sealed record Mover(string Customer, string Key, Move Move, Value Previous, Value Value, Reason Reason);

/// <summary>How many customers move in one tag or segment, of those who were looked at.</summary>
/// <param name="Stay">Hold it before and after, with the same value.</param>
/// <param name="Examples">Some of those who move, by id.</param>
public sealed record Movement(string Key, long Enter, long Leave, long Change, long Stay, ImmutableArray<Mover> Examples)
{
    /// <summary>How many hold it now.</summary>
    public long Before => Leave + Change + Stay;

    /// <summary>How many would hold it.</summary>
    public long After => Enter + Change + Stay;
}

/// <summary>What publishing a rulebook would do to customers, as of one instant.</summary>
public sealed record PreviewResult
{
    /// <summary>What the rulebook in force decides as.</summary>
    public required string InForce { get; init; }

    /// <summary>The instant as of which customers were decided.</summary>
    public required Instant AsOf { get; init; }

    /// <summary>How many customers there are.</summary>
    public required long Customers { get; init; }

    /// <summary>How many of them were looked at: all, unless a sample was asked for.</summary>
    public required long Looked { get; init; }

    /// <summary>For how many of these the events in the journal were read, because the rules need what nobody kept yet.</summary>
    public required long FromJournal { get; init; }

    /// <summary>In the order of the candidate, then those that it no longer has.</summary>
    public required ImmutableArray<Movement> Tags { get; init; }

    /// <summary>In the order of the candidate, then those that it no longer has.</summary>
    public required ImmutableArray<Movement> Segments { get; init; }

    public bool IsExact => Looked == Customers;

    /// <summary>How many of all customers a count of those looked at stands for, and between which numbers that lies with a probability of 95 %.</summary>
    /// <remarks>Wilson's score interval (https://www.jstor.org/stable/2276774), never less than was seen nor more than is left unseen.</remarks>
    public (long Count, long Least, long Most) Estimate(long counted)
    {
        if (IsExact || Looked == 0)
            return (counted, counted, IsExact ? counted : Customers);
        const double z = 1.959964;
        var (n, share) = ((double)Looked, (double)counted / Looked);
        var middle = (share + (z * z / (2 * n))) / (1 + (z * z / n));
        var half = z * Math.Sqrt((share * (1 - share) / n) + (z * z / (4 * n * n))) / (1 + (z * z / n));
        return (
            (long)Math.Round(share * Customers),
            Math.Max(counted, (long)Math.Floor((middle - half) * Customers)),
            Math.Min(Customers - (Looked - counted), (long)Math.Ceiling((middle + half) * Customers)));
    }
}
