using TaggingPipeline.Processing.Exchange;
using TaggingPipeline.Storage.Sqlite.Database;

namespace TaggingPipeline.Storage.Sqlite.Exchange;

/// <summary>Positions as rows.</summary>
internal sealed class SqliteFeedPositions(SqliteDatabase database) : IFeedPositions
{
    private const string Advance = """
        INSERT INTO feed_positions (reader, position) VALUES (?1, ?2)
        ON CONFLICT (reader) DO UPDATE SET position = max(position, excluded.position)
        """;

    public Task<long> ReadAsync(string reader, CancellationToken cancellationToken) =>
        database.ReadAsync(session => session.Prepare("SELECT position FROM feed_positions WHERE reader = ?1").Single(reader) ?? 0, cancellationToken);

    public Task AdvanceAsync(string reader, long position, CancellationToken cancellationToken) =>
        database.WriteAsync(session => session.Prepare(Advance).Execute(reader, position), cancellationToken);
}
