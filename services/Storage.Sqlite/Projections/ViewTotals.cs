using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Storage.Sqlite.Database;

namespace TaggingPipeline.Storage.Sqlite.Projections;

/// <summary>What a transaction's views change in the members of segments, in their history, and in the counts of members, crossings and tag values.</summary>
/// <remarks>Members and crossings are written view by view; counts are added up and written once, for there are few of them and every view has some.</remarks>
internal sealed class ViewTotals(Session session)
{
    private const string PutMember = """
        INSERT INTO members (segment, customer, since) VALUES (?1, ?2, ?3)
        ON CONFLICT (segment, customer) DO UPDATE SET since = excluded.since
        """;

    private const string AddMembers = """
        INSERT INTO segment_counts (segment, members) VALUES (?1, ?2)
        ON CONFLICT (segment) DO UPDATE SET members = members + excluded.members
        """;

    private const string AddCustomers = """
        INSERT INTO tag_counts (key, value, customers) VALUES (?1, ?2, ?3)
        ON CONFLICT (key, value) DO UPDATE SET customers = customers + excluded.customers
        """;

    private const string AddMovement = """
        INSERT INTO segment_quarters (segment, starts_at, entries, exits) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (segment, starts_at) DO UPDATE SET entries = entries + excluded.entries, exits = exits + excluded.exits
        """;

    private readonly Dictionary<string, long> _members = [];
    private readonly Dictionary<(string Segment, long StartsAt), Movement> _movements = [];
    private readonly Dictionary<(string Key, Value Value), long> _customers = [];

    /// <summary>Counts the difference between a customer's view and the one before it, and writes the customer's memberships.</summary>
    public void Replace(CustomerView? before, CustomerView after)
    {
        foreach (var tag in before?.Tags ?? [])
            Count(tag, -1);
        foreach (var tag in after.Tags)
            Count(tag, 1);

        var left = (before?.Memberships ?? []).Where(membership => membership.IsMember).ToDictionary(membership => membership.Segment);
        foreach (var membership in after.Memberships.Where(membership => membership.IsMember))
        {
            if (!left.Remove(membership.Segment, out var known))
                _members[membership.Segment] = _members.GetValueOrDefault(membership.Segment) + 1;
            if (known != membership)
                session.Prepare(PutMember).Execute(membership.Segment, after.Customer, membership.Since.ToUnixTimeMilliseconds());
        }

        foreach (var segment in left.Keys)
        {
            _members[segment] = _members.GetValueOrDefault(segment) - 1;
            session.Prepare("DELETE FROM members WHERE segment = ?1 AND customer = ?2").Execute(segment, after.Customer);
        }
    }

    /// <summary>Writes a customer's crossings, and counts those that are new.</summary>
    public void Cross(string customer, IReadOnlyList<Membership> crossings)
    {
        foreach (var crossing in crossings)
        {
            if (!SqliteSegmentHistory.Append(session, customer, crossing))
                continue;
            var quarter = (crossing.Segment, SqliteSegmentHistory.QuarterOf(crossing.Since));
            var (entered, left) = _movements.GetValueOrDefault(quarter);
            _movements[quarter] = crossing.IsMember ? new(entered + 1, left) : new(entered, left + 1);
        }
    }

    /// <summary>Writes the counts.</summary>
    public void Write()
    {
        foreach (var ((segment, startsAt), (entered, left)) in _movements)
            session.Prepare(AddMovement).Execute(segment, startsAt, entered, left);

        foreach (var (segment, members) in _members)
        {
            if (members != 0)
                session.Prepare(AddMembers).Execute(segment, members);
        }

        foreach (var ((key, value), customers) in _customers)
        {
            if (customers == 0)
                continue;
            var text = ViewJson.WriteValue(value);
            session.Prepare(AddCustomers).Execute(key, text, customers);
            if (customers < 0)
                session.Prepare("DELETE FROM tag_counts WHERE key = ?1 AND value = ?2 AND customers = 0").Execute(key, text);
        }
    }

    private void Count(ViewedTag tag, int difference) =>
        _customers[(tag.Key, tag.Value)] = _customers.GetValueOrDefault((tag.Key, tag.Value)) + difference;
}
