using NodaTime;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Processing.Projections;

/// <summary>Where customer views are kept, and what is asked of them.</summary>
public interface ICustomerViews
{
    /// <summary>The stored views of these customers, in any order; those never stored are left out.</summary>
    Task<IReadOnlyList<CustomerView>> LoadAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken);

    /// <summary>
    /// Saves each view if the stored one still has the expected version, and appends the entries of those that were saved to the change feed, where an entry
    /// whose id is there already is fine. Their crossings become part of <see cref="ISegmentHistory"/>.
    /// </summary>
    /// <returns>For each commit, in order, whether its view was saved. The entries of those are in the feed, their crossings in the history.</returns>
    /// <remarks>
    /// An adapter with transactions does all of it in one. With others a crash may leave a view saved whose entries are not in the feed, nor its crossings in the
    /// history: they then get there before the view is next loaded, or by <see cref="FinishAsync"/>.
    /// </remarks>
    Task<IReadOnlyList<bool>> CommitAsync(IReadOnlyList<ViewCommit> commits, CancellationToken cancellationToken);

    /// <summary>Brings into the feed and the history what commits that did not come to their end have left. Harmless beside others that do the same.</summary>
    Task FinishAsync(CancellationToken cancellationToken);

    /// <summary>Every view, by ascending customer in the order of UTF-8 after the one given (null: from the first).</summary>
    Task<IReadOnlyList<CustomerView>> ScanAsync(string? after, int limit, CancellationToken cancellationToken);

    /// <summary>Views whose memberships are of another rulebook version, by ascending customer in the order of UTF-8 after the one given (null: from the first).</summary>
    Task<IReadOnlyList<CustomerView>> NotOfRulebookAsync(string rulebookVersion, string? after, int limit, CancellationToken cancellationToken);

    /// <summary>How many views there are, and of these how many have memberships of another rulebook version.</summary>
    Task<(long All, long OfOthers)> CountAsync(string rulebookVersion, CancellationToken cancellationToken);

    /// <summary>Members of a segment, by ascending customer in the order of UTF-8 after the one given (null: from the first).</summary>
    Task<IReadOnlyList<SegmentMember>> MembersAsync(string segment, string? after, int limit, CancellationToken cancellationToken);

    /// <summary>How many members each segment has; segments without any may be left out.</summary>
    Task<IReadOnlyDictionary<string, long>> SegmentCountsAsync(CancellationToken cancellationToken);

    /// <summary>How many members of a segment are also in each other segment; segments without any may be left out.</summary>
    Task<IReadOnlyDictionary<string, long>> OverlapsAsync(string segment, CancellationToken cancellationToken);

    /// <summary>How many customers are in all of these segments, at least one.</summary>
    Task<long> CountInAllAsync(IReadOnlyCollection<string> segments, CancellationToken cancellationToken);

    /// <summary>How many customers hold each value of each tag, by key in the order of UTF-8, and then value.</summary>
    Task<IReadOnlyList<TagValueCount>> TagCountsAsync(CancellationToken cancellationToken);
}

/// <param name="View">The view to save, its version one above the expected.</param>
/// <param name="ExpectedVersion">The version that must be stored; 0 for none.</param>
/// <param name="Entries">In the order in which they shall stand in the feed.</param>
public sealed record ViewCommit(CustomerView View, long ExpectedVersion, IReadOnlyList<NewFeedEntry> Entries)
{
    /// <summary>Every membership that began or ended on the way to this view, as it then became, in order: a segment may come several times.</summary>
    public IReadOnlyList<Membership> Crossings { get; init; } = [];
}

public readonly record struct SegmentMember(string Customer, Instant Since);

public readonly record struct TagValueCount(string Key, Value Value, long Customers);
