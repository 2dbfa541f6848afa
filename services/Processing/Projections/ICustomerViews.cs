using NodaTime;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Processing.Projections;

/// <summary>Where customer views are kept, and what is asked of them.</summary>
public interface ICustomerViews
{
    /// <summary>The stored views of these customers, in any order; those never stored are left out.</summary>
    Task<IReadOnlyList<CustomerView>> LoadAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken);

    /// <summary>Appends each commit's entries to the change feed, where an entry whose id is there already is fine, and saves its view if the stored one still has the expected version.</summary>
    /// <returns>For each commit, in order, whether its view was saved.</returns>
    /// <remarks>
    /// An adapter with transactions does all of it in one, and then appends nothing for a view that was not saved. Otherwise a crash may leave entries
    /// appended whose view is not saved; the same entries then come again with the same ids.
    /// </remarks>
    Task<IReadOnlyList<bool>> CommitAsync(IReadOnlyList<ViewCommit> commits, CancellationToken cancellationToken);

    /// <summary>Views whose memberships are of another rulebook version, by ascending customer in the order of UTF-8 after the one given (null: from the first).</summary>
    Task<IReadOnlyList<CustomerView>> NotOfRulebookAsync(string rulebookVersion, string? after, int limit, CancellationToken cancellationToken);

    /// <summary>Members of a segment, by ascending customer in the order of UTF-8 after the one given (null: from the first).</summary>
    Task<IReadOnlyList<SegmentMember>> MembersAsync(string segment, string? after, int limit, CancellationToken cancellationToken);

    /// <summary>How many members each segment has; segments that never had one are left out.</summary>
    Task<IReadOnlyDictionary<string, long>> SegmentCountsAsync(CancellationToken cancellationToken);

    /// <summary>How many customers hold each value of each tag, by key in the order of UTF-8, and then value.</summary>
    Task<IReadOnlyList<TagValueCount>> TagCountsAsync(CancellationToken cancellationToken);
}

/// <param name="View">The view to save, its version one above the expected.</param>
/// <param name="ExpectedVersion">The version that must be stored; 0 for none.</param>
/// <param name="Entries">In the order in which they shall stand in the feed.</param>
public sealed record ViewCommit(CustomerView View, long ExpectedVersion, IReadOnlyList<NewFeedEntry> Entries);

public readonly record struct SegmentMember(string Customer, Instant Since);

public readonly record struct TagValueCount(string Key, Value Value, long Customers);
