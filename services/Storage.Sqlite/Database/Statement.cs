using Microsoft.Data.Sqlite;

namespace TaggingPipeline.Storage.Sqlite.Database;

/// <summary>A prepared statement with parameters <c>?1</c>, <c>?2</c> and so on. Compiled once and kept for the life of its connection.</summary>
internal sealed class Statement(SqliteCommand command) : IDisposable
{
    /// <returns>How many rows it inserted, changed or deleted.</returns>
    public int Execute(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        return command.ExecuteNonQuery();
    }

    /// <summary>Dispose of the rows before the statement is used again.</summary>
    public SqliteDataReader Query(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        return command.ExecuteReader();
    }

    /// <returns>The first column of the first row; null if there is no row.</returns>
    public object? Single(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        return command.ExecuteScalar();
    }

    public void Dispose() => command.Dispose();

    private void Bind(ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (i == command.Parameters.Count)
                command.Parameters.Add(new SqliteParameter { ParameterName = $"?{i + 1}" });
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
    }
}
