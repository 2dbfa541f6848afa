using System.Text;

namespace TaggingPipeline.Storage.Sqlite.Database;

/// <summary>Finds rows of rulebook versions other than one, by the index on version and id.</summary>
/// <remarks>
/// Asked again and again until nothing is left, and then mostly finds nothing: reading every row to see that would be slow. There are few versions at a time, so
/// each is asked for its own first rows, and the first of those are taken.
/// </remarks>
internal static class OtherRulebooks
{
    private const string VersionsOfCustomers = """
        WITH RECURSIVE versions (rulebook) AS (
            SELECT min(rulebook) FROM customers
            UNION ALL
            SELECT (SELECT min(rulebook) FROM customers WHERE rulebook > versions.rulebook) FROM versions WHERE rulebook IS NOT NULL)
        SELECT rulebook FROM versions WHERE rulebook <> ?1
        """;

    private const string VersionsOfViews = """
        WITH RECURSIVE versions (rulebook) AS (
            SELECT min(rulebook) FROM views
            UNION ALL
            SELECT (SELECT min(rulebook) FROM views WHERE rulebook > versions.rulebook) FROM versions WHERE rulebook IS NOT NULL)
        SELECT rulebook FROM versions WHERE rulebook <> ?1
        """;

    public static IReadOnlyList<string> OfCustomers(Session session, string version, string? after, int limit) => Find(
        session,
        VersionsOfCustomers,
        "SELECT id FROM customers WHERE rulebook = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
        version, after, limit);

    public static long CountCustomers(Session session, string version) =>
        Versions(session, VersionsOfCustomers, version).Sum(other => session.Prepare("SELECT count(*) FROM customers WHERE rulebook = ?1").Single(other)!.Value);

    public static long CountViews(Session session, string version) =>
        Versions(session, VersionsOfViews, version).Sum(other => session.Prepare("SELECT count(*) FROM views WHERE rulebook = ?1").Single(other)!.Value);

    public static IReadOnlyList<string> OfViews(Session session, string version, string? after, int limit) => Find(
        session,
        VersionsOfViews,
        "SELECT customer FROM views WHERE rulebook = ?1 AND customer > ?2 ORDER BY customer LIMIT ?3",
        version, after, limit);

    private static string[] Find(Session session, string versionsSql, string pageSql, string version, string? after, int limit)
    {
        // Kept as UTF-8, whose bytes have the order of the ids.
        var found = new List<byte[]>();
        foreach (var other in Versions(session, versionsSql, version))
        {
            using var rows = session.Prepare(pageSql).Query(other, after ?? "", limit);
            while (rows.Read())
                found.Add(rows.GetBytes(0));
        }

        found.Sort((left, right) => left.AsSpan().SequenceCompareTo(right));
        return [.. found.Take(limit).Select(Encoding.UTF8.GetString)];
    }

    private static List<string> Versions(Session session, string sql, string apart)
    {
        var others = new List<string>();
        using var rows = session.Prepare(sql).Query(apart);
        while (rows.Read())
            others.Add(rows.GetString(0));
        return others;
    }
}
