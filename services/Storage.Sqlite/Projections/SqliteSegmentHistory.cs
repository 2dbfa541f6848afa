using NodaTime;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Storage.Sqlite.Database;

namespace TaggingPipeline.Storage.Sqlite.Projections;

/// <summary>Crossings as rows by customer, an index of them by instant, and sums of them by quarter of an hour.</summary>
internal sealed class SqliteSegmentHistory(SqliteDatabase database) : ISegmentHistory
{
    private const long QuarterMilliseconds = 15 * 60 * 1000;

    private const string Insert = """
        INSERT INTO crossings (segment, customer, number, at, entered) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (segment, customer, number) DO NOTHING
        """;

    /// <summary>Entries that no exit has followed by then. The plus keeps SQLite from the index by instant, from which it would have to sort.</summary>
    private const string SelectMembers = """
        SELECT customer, at FROM crossings AS entry
        WHERE segment = ?1 AND customer > ?2 AND +at <= ?3 AND entered = 1
            AND NOT EXISTS (
                SELECT 1 FROM crossings AS exit
                WHERE exit.segment = entry.segment AND exit.customer = entry.customer AND exit.number = entry.number + 1 AND +exit.at <= ?3)
        ORDER BY customer LIMIT ?4
        """;

    private const string SelectFirst = """
        SELECT customer, entered, at, number FROM crossings
        WHERE segment = ?1 AND at > ?2 AND at <= ?3
        ORDER BY at, customer, number LIMIT ?4
        """;

    private const string SelectNext = """
        SELECT customer, entered, at, number FROM crossings
        WHERE segment = ?1 AND (at, customer, number) > (?2, ?3, ?4) AND at > ?5 AND at <= ?6
        ORDER BY at, customer, number LIMIT ?7
        """;

    private const string Count = """
        SELECT coalesce(sum(entered), 0), coalesce(sum(1 - entered), 0) FROM crossings WHERE segment = ?1 AND at > ?2 AND at <= ?3
        """;

    private const string SumBefore = """
        SELECT coalesce(sum(entries), 0), coalesce(sum(exits), 0) FROM segment_quarters WHERE segment = ?1 AND starts_at < ?2
        """;

    private const string SelectQuarters = """
        SELECT starts_at, entries, exits FROM segment_quarters WHERE segment = ?1 AND starts_at >= ?2 AND starts_at < ?3 ORDER BY starts_at
        """;

    /// <summary>Appends a crossing within a write transaction.</summary>
    /// <returns>False if it is there already.</returns>
    public static bool Append(Session session, string customer, Membership crossing) => session.Prepare(Insert).Execute(
        crossing.Segment, customer, crossing.Crossings, crossing.Since.ToUnixTimeMilliseconds(), crossing.IsMember ? 1 : 0) > 0;

    /// <summary>When the quarter of an hour began that the instant lies in.</summary>
    public static long QuarterOf(Instant instant)
    {
        var at = instant.ToUnixTimeMilliseconds();
        return at - (at % QuarterMilliseconds + QuarterMilliseconds) % QuarterMilliseconds;
    }

    public Task<IReadOnlyList<SegmentMember>> MembersAtAsync(string segment, Instant at, string? after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<SegmentMember>>(session =>
        {
            var members = new List<SegmentMember>();
            using var rows = session.Prepare(SelectMembers).Query(segment, after ?? "", at.ToUnixTimeMilliseconds(), limit);
            while (rows.Read())
                members.Add(new(rows.GetString(0), rows.GetInstant(1)));
            return members;
        }, cancellationToken);

    public Task<IReadOnlyList<Crossing>> CrossingsAsync(
        string segment, Instant from, Instant to, Crossing? after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<Crossing>>(session =>
        {
            var (first, last) = (from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds());
            var crossings = new List<Crossing>();
            using var rows = after is { } known
                ? session.Prepare(SelectNext).Query(segment, known.At.ToUnixTimeMilliseconds(), known.Customer, known.Number, first, last, limit)
                : session.Prepare(SelectFirst).Query(segment, first, last, limit);
            while (rows.Read())
                crossings.Add(new(rows.GetString(0), rows.GetInt64(1) == 1, rows.GetInstant(2), rows.GetInt64(3)));
            return crossings;
        }, cancellationToken);

    public Task<Movement> CountCrossingsAsync(string segment, Instant from, Instant to, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session => ReadMovement(session.Prepare(Count).Query(segment, from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds())), cancellationToken);

    public Task<IReadOnlyList<Movement>> MovementsAsync(string segment, IReadOnlyList<Instant> bounds, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<Movement>>(session =>
        {
            var first = bounds[0].ToUnixTimeMilliseconds();
            var movements = new Movement[bounds.Count];
            movements[0] = ReadMovement(session.Prepare(SumBefore).Query(segment, first));

            var bound = 1;
            using var rows = session.Prepare(SelectQuarters).Query(segment, first, bounds[^1].ToUnixTimeMilliseconds());
            while (rows.Read())
            {
                while (rows.GetInstant(0) >= bounds[bound])
                    bound++;
                movements[bound] = new(movements[bound].Entered + rows.GetInt64(1), movements[bound].Left + rows.GetInt64(2));
            }

            return movements;
        }, cancellationToken);

    private static Movement ReadMovement(Statement.Rows rows)
    {
        using (rows)
        {
            rows.Read();
            return new(rows.GetInt64(0), rows.GetInt64(1));
        }
    }
}
