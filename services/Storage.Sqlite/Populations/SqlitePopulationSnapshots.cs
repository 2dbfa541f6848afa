using System.Text.Json;
using TaggingPipeline.Domain.Populations;
using TaggingPipeline.Processing.Populations;
using TaggingPipeline.Storage.Sqlite.Database;

namespace TaggingPipeline.Storage.Sqlite.Populations;

/// <summary>Snapshots of the population as rows; the figures are JSON, by position: argument, customers, cuts.</summary>
internal sealed class SqlitePopulationSnapshots(SqliteDatabase database) : IPopulationSnapshots
{
    private const string Select = "SELECT number, taken_at, figures FROM populations ";

    public Task<bool> AppendAsync(PopulationSnapshot snapshot, CancellationToken cancellationToken)
    {
        var figures = JsonColumn.Write(snapshot, WriteFigures);
        return database.WriteAsync(
            session => session.Prepare("INSERT INTO populations (number, taken_at, figures) VALUES (?1, ?2, ?3) ON CONFLICT (number) DO NOTHING")
                .Execute(snapshot.Number, snapshot.TakenAt.ToUnixTimeMilliseconds(), figures) > 0,
            cancellationToken);
    }

    public Task<PopulationSnapshot?> LatestAsync(long after, CancellationToken cancellationToken) =>
        ReadAsync(Select + "WHERE number > ?1 ORDER BY number DESC LIMIT 1", after, cancellationToken);

    public Task<PopulationSnapshot?> FindAsync(long number, CancellationToken cancellationToken) => ReadAsync(Select + "WHERE number = ?1", number, cancellationToken);

    private Task<PopulationSnapshot?> ReadAsync(string sql, long number, CancellationToken cancellationToken) => database.ReadAsync(session =>
    {
        using var rows = session.Prepare(sql).Query(number);
        return rows.Read() ? new PopulationSnapshot(rows.GetInt64(0), rows.GetInstant(1), [.. ReadFigures(rows.GetBytes(2))]) : null;
    }, cancellationToken);

    private static void WriteFigures(Utf8JsonWriter writer, PopulationSnapshot snapshot)
    {
        writer.WriteStartArray();
        foreach (var figures in snapshot.Figures)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(figures.Argument);
            writer.WriteNumberValue(figures.Customers);
            writer.WriteStartArray();
            foreach (var cut in figures.Cuts)
                writer.WriteNumberValue(cut);
            writer.WriteEndArray();
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private static List<PopulationFigures> ReadFigures(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        var all = new List<PopulationFigures>();
        foreach (var figures in document.RootElement.EnumerateArray())
        {
            var parts = figures.EnumerateArray();
            all.Add(new(parts.Next().GetString()!, parts.Next().GetInt64(), [.. parts.Next().EnumerateArray().Select(cut => cut.GetDecimal())]));
        }

        return all;
    }
}
