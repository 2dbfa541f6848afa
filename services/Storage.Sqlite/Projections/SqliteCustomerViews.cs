using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Storage.Sqlite.Database;

namespace TaggingPipeline.Storage.Sqlite.Projections;

/// <summary>Customer views as rows, beside them the members of segments, and counts that every commit keeps up to date.</summary>
internal sealed class SqliteCustomerViews(SqliteDatabase database) : ICustomerViews
{
    private const string SelectOne = "SELECT body, customer, version, rulebook, rulebook_number FROM views WHERE customer = ?1";

    private const string Save = """
        INSERT INTO views (customer, version, rulebook, body, rulebook_number) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (customer) DO UPDATE SET version = excluded.version, rulebook = excluded.rulebook, body = excluded.body, rulebook_number = excluded.rulebook_number
        """;

    /// <summary>For a view that stays as it is, but for the rulebook that its memberships are of.</summary>
    private const string Mark = "UPDATE views SET version = ?2, rulebook = ?3, rulebook_number = ?4 WHERE customer = ?1";

    private const string SelectVersion = "SELECT version FROM views WHERE customer = ?1";

    /// <summary>Some thousand customers: those whose tags change at the moment.</summary>
    private readonly Recent<CustomerView> _recent = new(mostBytes: 16 * 1024 * 1024);

    public Task<IReadOnlyList<CustomerView>> LoadAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) =>
        database.ReadAsync(session => Load(session, customers), cancellationToken);

    public async Task<IReadOnlyList<bool>> CommitAsync(IReadOnlyList<ViewCommit> commits, CancellationToken cancellationToken)
    {
        // Encoded here, on the caller's thread: the writer's only writes.
        var bodies = commits.Select(commit => IsOnlyMarked(commit) ? null : ViewJson.Write(commit.View)).ToList();
        var results = await database.WriteAsync(session =>
        {
            var saved = new bool[commits.Count];
            var totals = new ViewTotals(session);
            for (var i = 0; i < saved.Length; i++)
                saved[i] = bodies[i] is { } body ? Replace(session, commits[i], body, totals) : MarkIfUnchanged(session, commits[i]);
            totals.Write();
            return saved;
        }, cancellationToken);

        for (var i = 0; i < results.Length; i++)
        {
            if (results[i] && bodies[i] is { } body)
                _recent.Keep(commits[i].View.Customer, commits[i].View, body.Length);
        }

        return results;
    }

    /// <remarks>A commit is one transaction, so nothing is ever left.</remarks>
    public Task FinishAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<CustomerView>> ScanAsync(string? after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<CustomerView>>(session =>
        {
            var views = new List<CustomerView>();
            using var rows = session.Prepare("SELECT body, customer, version, rulebook, rulebook_number FROM views WHERE customer > ?1 ORDER BY customer LIMIT ?2").Query(after ?? "", limit);
            while (rows.Read())
                views.Add(ViewJson.Read(rows.GetBytes(0), rows.GetString(1), rows.GetInt64(2), rows.GetString(3), rows.GetInt64(4)));
            return views;
        }, cancellationToken);

    public Task<IReadOnlyList<CustomerView>> NotOfRulebookAsync(string rulebookVersion, string? after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(session => Load(session, OtherRulebooks.OfViews(session, rulebookVersion, after, limit)), cancellationToken);

    public Task<(long All, long OfOthers)> CountAsync(string rulebookVersion, CancellationToken cancellationToken) =>
        database.ReadAsync(session => (session.Prepare("SELECT count(*) FROM views").Single()!.Value, OtherRulebooks.CountViews(session, rulebookVersion)), cancellationToken);

    public Task<IReadOnlyList<SegmentMember>> MembersAsync(string segment, string? after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<SegmentMember>>(session =>
        {
            var members = new List<SegmentMember>();
            using var rows = session.Prepare("SELECT customer, since FROM members WHERE segment = ?1 AND customer > ?2 ORDER BY customer LIMIT ?3")
                .Query(segment, after ?? "", limit);
            while (rows.Read())
                members.Add(new SegmentMember(rows.GetString(0), rows.GetInstant(1)));
            return members;
        }, cancellationToken);

    public Task<IReadOnlyDictionary<string, long>> SegmentCountsAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<string, long>>(ReadCounts, cancellationToken);

    public async Task<IReadOnlyDictionary<string, long>> OverlapsAsync(string segment, CancellationToken cancellationToken)
    {
        var overlaps = new Dictionary<string, long>();
        foreach (var other in (await SegmentCountsAsync(cancellationToken)).Where(count => count.Value > 0 && count.Key != segment))
            overlaps.Add(other.Key, await CountInAllAsync([segment, other.Key], cancellationToken));
        return overlaps;
    }

    /// <remarks>Goes through the members of the smallest segment, and looks each up in the others.</remarks>
    public Task<long> CountInAllAsync(IReadOnlyCollection<string> segments, CancellationToken cancellationToken) =>
        database.ReadAsync(session =>
        {
            var counts = ReadCounts(session);
            var smallestFirst = segments.Distinct(StringComparer.Ordinal).OrderBy(segment => counts.GetValueOrDefault(segment)).ToArray();
            return session.Prepare(InAll(smallestFirst.Length)).Single(smallestFirst)!.Value;
        }, cancellationToken);

    public Task<IReadOnlyList<TagValueCount>> TagCountsAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<TagValueCount>>(session =>
        {
            var counts = new List<TagValueCount>();
            using var rows = session.Prepare("SELECT key, value, customers FROM tag_counts ORDER BY key").Query();
            while (rows.Read())
                counts.Add(new TagValueCount(rows.GetString(0), ViewJson.ReadValue(rows.GetBytes(1)), rows.GetInt64(2)));

            // The order of values is not that of their text.
            return [.. counts.GroupBy(count => count.Key).SelectMany(key => key.OrderBy(count => count.Value))];
        }, cancellationToken);

    private bool Replace(Session session, ViewCommit commit, byte[] body, ViewTotals totals)
    {
        var view = commit.View;
        var before = FindRecent(session, view.Customer) ?? Find(session, view.Customer)?.View;
        if ((before?.Version ?? 0) != commit.ExpectedVersion)
            return false;
        session.Prepare(Save).Execute(view.Customer, view.Version, view.Rulebook, body, view.RulebookNumber);
        totals.Replace(before, view);
        totals.Cross(view.Customer, commit.Crossings);
        SqliteChangeFeed.Append(session, commit.Entries);
        return true;
    }

    private static bool MarkIfUnchanged(Session session, ViewCommit commit)
    {
        if (session.Prepare(SelectVersion).Single(commit.View.Customer) != commit.ExpectedVersion)
            return false;
        session.Prepare(Mark).Execute(commit.View.Customer, commit.View.Version, commit.View.Rulebook, commit.View.RulebookNumber);
        return true;
    }

    /// <summary>Whether the view differs from the one that it is to replace in nothing but version and rulebook, which stand beside the body. Not to be sure counts as no.</summary>
    private bool IsOnlyMarked(ViewCommit commit) =>
        commit.Entries.Count == 0 && commit.Crossings.Count == 0
        && _recent.TryFind(commit.View.Customer, out var known) && known.Version == commit.ExpectedVersion
        && (known with { Version = commit.View.Version, Rulebook = commit.View.Rulebook, RulebookNumber = commit.View.RulebookNumber }).Equals(commit.View);

    private static Dictionary<string, long> ReadCounts(Session session)
    {
        var counts = new Dictionary<string, long>();
        using var rows = session.Prepare("SELECT segment, members FROM segment_counts").Query();
        while (rows.Read())
            counts.Add(rows.GetString(0), rows.GetInt64(1));
        return counts;
    }

    /// <summary>Counts the members of the first of so many segments who are in all the others. CROSS JOIN keeps their order.</summary>
    private static string InAll(int segments)
    {
        var others = Enumerable.Range(2, segments - 1)
            .Select(i => $" CROSS JOIN members AS m{i} ON m{i}.segment = ?{i} AND m{i}.customer = m1.customer");
        return $"SELECT count(*) FROM members AS m1{string.Concat(others)} WHERE m1.segment = ?1";
    }

    private IReadOnlyList<CustomerView> Load(Session session, IReadOnlyCollection<string> customers) =>
        [.. customers.Select(customer => Stored(session, customer)).OfType<CustomerView>()];

    private CustomerView? Stored(Session session, string customer)
    {
        if (FindRecent(session, customer) is { } known)
            return known;
        if (Find(session, customer) is not { } found)
            return null;
        _recent.Keep(customer, found.View, found.Bytes);
        return found.View;
    }

    /// <summary>A view kept since it was saved or read, if it is still the stored one. A version is never given to two contents.</summary>
    private CustomerView? FindRecent(Session session, string customer) =>
        _recent.TryFind(customer, out var known) && session.Prepare(SelectVersion).Single(customer) == known.Version ? known : null;

    /// <remarks>Does not keep it: within a transaction it may be a view that is never committed.</remarks>
    private static (CustomerView View, int Bytes)? Find(Session session, string customer)
    {
        using var rows = session.Prepare(SelectOne).Query(customer);
        if (!rows.Read())
            return null;
        var body = rows.GetBytes(0);
        return (ViewJson.Read(body, rows.GetString(1), rows.GetInt64(2), rows.GetString(3), rows.GetInt64(4)), body.Length);
    }
}
