using TaggingPipeline.Processing.Replays;
using TaggingPipeline.Storage.Sqlite.Database;

namespace TaggingPipeline.Storage.Sqlite.Replays;

/// <summary>Replays as rows; what is inside is JSON.</summary>
internal sealed class SqliteReplays(SqliteDatabase database) : IReplays
{
    private const string Insert = "INSERT INTO replays (id, version, created_at, is_over, body) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING";
    private const string Update = "UPDATE replays SET version = ?2, created_at = ?3, is_over = ?4, body = ?5 WHERE id = ?1 AND version = ?2 - 1";

    public Task<bool> SaveAsync(ReplayRun run, CancellationToken cancellationToken)
    {
        var body = ReplayJson.Write(run);
        return database.WriteAsync(
            session => session.Prepare(run.Version == 1 ? Insert : Update).Execute(run.Id, run.Version, run.CreatedAt.ToUnixTimeMilliseconds(), run.IsOver ? 1 : 0, body) > 0,
            cancellationToken);
    }

    public async Task<ReplayRun?> FindAsync(string id, CancellationToken cancellationToken) =>
        (await ReadAsync("SELECT body FROM replays WHERE id = ?1", id, cancellationToken)).SingleOrDefault();

    public Task<IReadOnlyList<ReplayRun>> ListAsync(int limit, CancellationToken cancellationToken) =>
        ReadAsync("SELECT body FROM replays ORDER BY created_at DESC, id DESC LIMIT ?1", limit, cancellationToken);

    public Task<IReadOnlyList<ReplayRun>> ListOpenAsync(CancellationToken cancellationToken) =>
        ReadAsync("SELECT body FROM replays WHERE is_over = ?1 ORDER BY created_at, id", 0, cancellationToken);

    private Task<IReadOnlyList<ReplayRun>> ReadAsync(string sql, object parameter, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<ReplayRun>>(session =>
        {
            var found = new List<ReplayRun>();
            using var rows = session.Prepare(sql).Query(parameter);
            while (rows.Read())
                found.Add(ReplayJson.Read(rows.GetBytes(0)));
            return found;
        }, cancellationToken);
}
