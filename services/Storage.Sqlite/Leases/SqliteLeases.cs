using TaggingPipeline.Processing.Leases;
using TaggingPipeline.Storage.Sqlite.Database;

namespace TaggingPipeline.Storage.Sqlite.Leases;

/// <summary>Leases as rows, on the clock of the one machine that all holders run on.</summary>
internal sealed class SqliteLeases(SqliteDatabase database) : ILeases
{
    private const string Now = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

    private const string Take = $"""
        INSERT INTO leases (name, holder, held_until) VALUES (?1, ?2, {Now} + ?3)
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
        WHERE leases.holder = excluded.holder OR leases.held_until <= {Now}
        """;

    public Task<IReadOnlySet<string>> TakeAsync(IReadOnlyCollection<string> names, string holder, TimeSpan stay, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlySet<string>>(session =>
        {
            var taken = names.Where(name => session.Prepare(Take).Execute(name, holder, (long)stay.TotalMilliseconds) > 0).ToHashSet(StringComparer.Ordinal);
            session.Prepare($"DELETE FROM leases WHERE held_until <= {Now}").Execute();
            return taken;
        }, cancellationToken);

    public Task ReleaseAsync(IReadOnlyCollection<string> names, string holder, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => names.Sum(name => session.Prepare("DELETE FROM leases WHERE name = ?1 AND holder = ?2").Execute(name, holder)), cancellationToken);
}
