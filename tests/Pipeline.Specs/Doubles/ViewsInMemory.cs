using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Pipeline.Specs.Doubles;

/// <summary>Customer views and the change feed, in memory: compare-and-set for every view, its entries appended after it.</summary>
internal sealed class ViewsInMemory : ICustomerViews, IChangeFeed
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, CustomerView> _views = new(StringComparer.Ordinal);
    private readonly List<FeedEntry> _feed = [];
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<NewFeedEntry>> _pending = new(StringComparer.Ordinal);

    /// <summary>Runs before every commit: where another can come first, or the store can fail.</summary>
    public Func<Task> BeforeCommit { get; set; } = () => Task.CompletedTask;

    /// <summary>As a store without transactions: the next commit saves its views, then fails before it appends an entry.</summary>
    public bool DiesAfterSaving { get; set; }

    /// <summary>Every commit that was tried.</summary>
    public List<IReadOnlyList<ViewCommit>> Commits { get; } = [];

    public IReadOnlyList<FeedEntry> Feed
    {
        get
        {
            lock (_gate)
                return [.. _feed];
        }
    }

    public CustomerView this[string customer]
    {
        get
        {
            lock (_gate)
                return _views[customer];
        }
    }

    public Task<IReadOnlyList<CustomerView>> LoadAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Finish(customers);
            return Task.FromResult<IReadOnlyList<CustomerView>>([.. customers.Where(_views.ContainsKey).Select(customer => _views[customer])]);
        }
    }

    public async Task<IReadOnlyList<bool>> CommitAsync(IReadOnlyList<ViewCommit> commits, CancellationToken cancellationToken)
    {
        await BeforeCommit();
        lock (_gate)
        {
            Commits.Add(commits);
            var saved = commits.Select(Save).ToArray();
            if (DiesAfterSaving)
            {
                DiesAfterSaving = false;
                throw new IOException("The store went away.");
            }

            Finish(commits.Select(commit => commit.View.Customer));
            return saved;
        }
    }

    public Task FinishAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            Finish([.. _pending.Keys]);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<CustomerView>> ScanAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult<IReadOnlyList<CustomerView>>([.. After(after).Take(limit)]);
    }

    public Task<IReadOnlyList<CustomerView>> NotOfRulebookAsync(string rulebookVersion, string? after, int limit, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult<IReadOnlyList<CustomerView>>([.. After(after).Where(view => view.Rulebook != rulebookVersion).Take(limit)]);
    }

    public Task<(long All, long OfOthers)> CountAsync(string rulebookVersion, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult(((long)After(null).Count(), (long)After(null).Count(view => view.Rulebook != rulebookVersion)));
    }

    public Task<IReadOnlyList<SegmentMember>> MembersAsync(string segment, string? after, int limit, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var members =
                from view in After(after)
                from membership in view.Memberships
                where membership.Segment == segment && membership.IsMember
                select new SegmentMember(view.Customer, membership.Since);
            return Task.FromResult<IReadOnlyList<SegmentMember>>([.. members.Take(limit)]);
        }
    }

    public Task<IReadOnlyDictionary<string, long>> SegmentCountsAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyDictionary<string, long>>(_views.Values.SelectMany(view => view.Memberships)
                .GroupBy(membership => membership.Segment, StringComparer.Ordinal)
                .ToDictionary(segment => segment.Key, segment => segment.LongCount(membership => membership.IsMember), StringComparer.Ordinal));
        }
    }

    public async Task<IReadOnlyDictionary<string, long>> OverlapsAsync(string segment, CancellationToken cancellationToken)
    {
        var overlaps = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var other in (await SegmentCountsAsync(cancellationToken)).Keys.Where(other => other != segment))
            overlaps.Add(other, await CountInAllAsync([segment, other], cancellationToken));
        return overlaps;
    }

    public Task<long> CountInAllAsync(IReadOnlyCollection<string> segments, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult(_views.Values.LongCount(view =>
                segments.All(segment => view.Memberships.Any(membership => membership.Segment == segment && membership.IsMember))));
        }
    }

    public Task<IReadOnlyList<TagValueCount>> TagCountsAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<TagValueCount>>([.. _views.Values.SelectMany(view => view.Tags)
                .GroupBy(tag => (tag.Key, tag.Value))
                .Select(held => new TagValueCount(held.Key.Key, held.Key.Value, held.LongCount()))
                .OrderBy(count => count.Key, StringComparer.Ordinal).ThenBy(count => count.Value)]);
        }
    }

    public Task<IReadOnlyList<FeedEntry>> ReadAsync(long after, int limit, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult<IReadOnlyList<FeedEntry>>([.. _feed.Where(entry => entry.Position > after).Take(limit)]);
    }

    public Task<IReadOnlyList<FeedEntry>> ReadOfCustomerAsync(string customer, long after, int limit, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult<IReadOnlyList<FeedEntry>>([.. _feed.Where(entry => entry.Position > after && entry.Customer == customer).Take(limit)]);
    }

    public Task<long> NewestPositionAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult<long>(_feed.Count);
    }

    private IEnumerable<CustomerView> After(string? customer) => _views.Values.Where(view => string.CompareOrdinal(view.Customer, customer) > 0);

    private bool Save(ViewCommit commit)
    {
        var stored = _views.GetValueOrDefault(commit.View.Customer)?.Version ?? 0;
        if (stored != commit.ExpectedVersion)
            return false;
        _views[commit.View.Customer] = commit.View;
        _pending[commit.View.Customer] = commit.Entries;
        return true;
    }

    private void Finish(IEnumerable<string> customers)
    {
        foreach (var customer in customers)
        {
            if (!_pending.Remove(customer, out var entries))
                continue;
            foreach (var entry in entries)
            {
                if (_ids.Add(entry.Id))
                    _feed.Add(new(_feed.Count + 1, entry.Id, entry.Customer, entry.Type, entry.Key, entry.Body));
            }
        }
    }
}
