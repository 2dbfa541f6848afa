using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Storage.Sqlite.Database;

namespace TaggingPipeline.Storage.Sqlite.Evaluation;

/// <summary>Evaluators as rows, on the clock of the one machine that all of them run on.</summary>
internal sealed class SqliteEvaluatorRoster(SqliteDatabase database) : IEvaluatorRoster
{
    private const string Now = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

    public Task<IReadOnlyList<string>> SignInAsync(string evaluator, TimeSpan stay, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<string>>(session =>
        {
            session.Prepare($"INSERT INTO evaluators (id, stays_until) VALUES (?1, {Now} + ?2) ON CONFLICT (id) DO UPDATE SET stays_until = excluded.stays_until")
                .Execute(evaluator, (long)stay.TotalMilliseconds);
            session.Prepare($"DELETE FROM evaluators WHERE stays_until <= {Now} AND id <> ?1").Execute(evaluator);
            var signedIn = new List<string>();
            using var rows = session.Prepare("SELECT id FROM evaluators ORDER BY id").Query();
            while (rows.Read())
                signedIn.Add(rows.GetString(0));
            return signedIn;
        }, cancellationToken);

    public Task SignOutAsync(string evaluator, CancellationToken cancellationToken) =>
        database.WriteAsync(session => session.Prepare("DELETE FROM evaluators WHERE id = ?1").Execute(evaluator), cancellationToken);
}
