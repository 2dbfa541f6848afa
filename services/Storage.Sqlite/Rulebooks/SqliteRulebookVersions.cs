using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Storage.Sqlite.Database;

namespace TaggingPipeline.Storage.Sqlite.Rulebooks;

/// <summary>Versions of the rulebook as rows; at most one row says whose roll-over is to wait.</summary>
internal sealed class SqliteRulebookVersions(SqliteDatabase database) : IRulebookVersions
{
    private const string Columns = "number, name, content_hash, author, message, source, published_at";
    private const string Select = $"SELECT {Columns}, content FROM rulebooks ";
    private const string SelectVersion = $"SELECT {Columns} FROM rulebooks ";

    private const string Insert = $"""
        INSERT INTO rulebooks ({Columns}, content)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE ?1 = (SELECT coalesce(max(number), 0) + 1 FROM rulebooks)
        """;

    public Task<bool> AppendAsync(PublishedRulebook published, CancellationToken cancellationToken)
    {
        var version = published.Version;
        return database.WriteAsync(
            session => session.Prepare(Insert).Execute(
                version.Number, version.Name, version.ContentHash, version.Author, version.Message, version.Source, version.PublishedAt.ToUnixTimeMilliseconds(),
                published.Content) > 0,
            cancellationToken);
    }

    public Task<PublishedRulebook?> LatestAsync(long after, CancellationToken cancellationToken) =>
        FindAsync(Select + "WHERE number > ?1 ORDER BY number DESC LIMIT 1", after, cancellationToken);

    public Task<PublishedRulebook?> FindAsync(long number, CancellationToken cancellationToken) => FindAsync(Select + "WHERE number = ?1", number, cancellationToken);

    public Task<RulebookVersion?> FindContentAsync(string contentHash, CancellationToken cancellationToken) => database.ReadAsync(session =>
    {
        using var rows = session.Prepare(SelectVersion + "WHERE content_hash = ?1 ORDER BY number DESC LIMIT 1").Query(contentHash);
        return rows.Read() ? Read(rows) : null;
    }, cancellationToken);

    public Task<IReadOnlyList<RulebookVersion>> ListAsync(long? before, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<RulebookVersion>>(session =>
        {
            var versions = new List<RulebookVersion>();
            using var rows = session.Prepare(SelectVersion + "WHERE number < ?1 ORDER BY number DESC LIMIT ?2").Query(before ?? long.MaxValue, limit);
            while (rows.Read())
                versions.Add(Read(rows));
            return versions;
        }, cancellationToken);

    public Task<long?> PausedAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(session => session.Prepare("SELECT number FROM rollover_pause").Single(), cancellationToken);

    public Task PauseAsync(long? number, CancellationToken cancellationToken) => database.WriteAsync(
        session => number is { } paused
            ? session.Prepare("INSERT INTO rollover_pause (only, number) VALUES (1, ?1) ON CONFLICT (only) DO UPDATE SET number = excluded.number").Execute(paused)
            : session.Prepare("DELETE FROM rollover_pause").Execute(),
        cancellationToken);

    private Task<PublishedRulebook?> FindAsync(string sql, long number, CancellationToken cancellationToken) => database.ReadAsync(session =>
    {
        using var rows = session.Prepare(sql).Query(number);
        return rows.Read() ? new PublishedRulebook(Read(rows), rows.GetString(7)) : null;
    }, cancellationToken);

    private static RulebookVersion Read(Statement.Rows row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetInstant(6));
}
