using NodaTime;

namespace TaggingPipeline.Processing.Projections;

/// <summary>Who was in which segment when. Written by <see cref="ICustomerViews.CommitAsync"/>, and never changed.</summary>
/// <remarks>
/// A crossing is a change of one membership: a customer enters, or leaves. Of one customer and segment crossings are numbered without gaps and go forward in time,
/// so between an entry and the next exit lies an interval, its beginning included and its end not.
/// </remarks>
public interface ISegmentHistory
{
    /// <summary>Members as of an instant, by ascending customer in the order of UTF-8 after the one given (null: from the first).</summary>
    /// <remarks>Who entered and left at one and the same instant never was a member.</remarks>
    Task<IReadOnlyList<SegmentMember>> MembersAtAsync(string segment, Instant at, string? after, int limit, CancellationToken cancellationToken);

    /// <summary>Crossings after <paramref name="from"/>, up to <paramref name="to"/> and that instant too: by instant, then customer (UTF-8), then number.</summary>
    /// <param name="after">The last of those known; null for none.</param>
    Task<IReadOnlyList<Crossing>> CrossingsAsync(
        string segment, Instant from, Instant to, Crossing? after, int limit, CancellationToken cancellationToken);

    /// <summary>How many crossings there are after <paramref name="from"/>, up to <paramref name="to"/> and that instant too.</summary>
    Task<Movement> CountCrossingsAsync(string segment, Instant from, Instant to, CancellationToken cancellationToken);

    /// <summary>How many crossings there are from bound to bound.</summary>
    /// <param name="bounds">Ascending, at least one, each on a quarter of an hour (UTC), as midnight is in every zone.</param>
    /// <returns>For each bound the crossings before it, and not before the bound that precedes it: for the first, all before it.</returns>
    Task<IReadOnlyList<Movement>> MovementsAsync(string segment, IReadOnlyList<Instant> bounds, CancellationToken cancellationToken);
}

/// <param name="HasEntered">False for one who left.</param>
/// <param name="Number">Of this customer and segment, from 1.</param>
public readonly record struct Crossing(string Customer, bool HasEntered, Instant At, long Number);

/// <summary>How many entered and how many left.</summary>
public readonly record struct Movement(long Entered, long Left)
{
    public long Net => Entered - Left;
}
