namespace TaggingPipeline.Storage.Sqlite.Database;

/// <summary>How many rows the tables have that are too large to be counted.</summary>
internal static class RowCounts
{
    public const string Journal = "journal";
    public const string Rejected = "rejected";

    public static long Read(Session session, string table) => session.Prepare("SELECT rows FROM row_counts WHERE name = ?1").Single(table)!.Value;

    /// <param name="rows">How many more; below 0 for fewer.</param>
    public static void Add(Session session, string table, int rows)
    {
        if (rows != 0)
            session.Prepare("UPDATE row_counts SET rows = rows + ?2 WHERE name = ?1").Execute(table, rows);
    }
}
