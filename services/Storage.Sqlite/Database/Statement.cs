using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using NodaTime;
using SQLitePCL;

namespace TaggingPipeline.Storage.Sqlite.Database;

/// <summary>A prepared statement with parameters <c>?1</c>, <c>?2</c> and so on. Compiled once and kept for the life of its connection.</summary>
/// <remarks>Over SQLite's own functions: the driver's commands make a reader and some iterators each time, and most of these statements do very little.</remarks>
internal sealed class Statement : IDisposable
{
    private const int LongestOnStack = 256;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly Rows _rows;

    /// <exception cref="SqliteException">SQLite refused it; so for the other members.</exception>
    public Statement(sqlite3 database, string sql)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v2(database, sql, out _statement));
        _rows = new(this);
    }

    /// <returns>How many rows it inserted, changed or deleted.</returns>
    public int Execute(params ReadOnlySpan<object?> values)
    {
        using var rows = Query(values);
        while (rows.Read())
        {
            // Pragmas and the like give rows that nobody asked for.
        }

        return raw.sqlite3_changes(_database);
    }

    /// <summary>Dispose of the rows before the statement is used again.</summary>
    public Rows Query(params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
            Check(Bind(i + 1, values[i]));
        return _rows;
    }

    /// <returns>The first column of the first row, a whole number (0 for NULL); null if there is no row.</returns>
    public long? Single(params ReadOnlySpan<object?> values)
    {
        using var rows = Query(values);
        return rows.Read() ? rows.GetInt64(0) : null;
    }

    public void Dispose() => _statement.Dispose();

    private int Bind(int parameter, object? value)
    {
        switch (value)
        {
            case null:
                return raw.sqlite3_bind_null(_statement, parameter);
            case string text:
                return BindText(parameter, text);
            case long number:
                return raw.sqlite3_bind_int64(_statement, parameter, number);
            case int number:
                return raw.sqlite3_bind_int64(_statement, parameter, number);
            case byte[] bytes:
                return raw.sqlite3_bind_blob(_statement, parameter, bytes);
            case ReadOnlyMemory<byte> bytes:
                return raw.sqlite3_bind_blob(_statement, parameter, bytes.Span);
            default:
                throw new ArgumentException($"{value.GetType()} is no type of the store.", nameof(value));
        }
    }

    private int BindText(int parameter, string text)
    {
        Span<byte> onStack = stackalloc byte[LongestOnStack];
        var longest = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = longest > onStack.Length ? ArrayPool<byte>.Shared.Rent(longest) : null;
        var bytes = rented ?? onStack;
        var result = raw.sqlite3_bind_text(_statement, parameter, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return result;
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);

    /// <summary>What a query found, row by row. Columns count from 0.</summary>
    internal sealed class Rows(Statement of) : IDisposable
    {
        /// <returns>Whether there is a next row, which the other members then read.</returns>
        public bool Read()
        {
            var result = raw.sqlite3_step(of._statement);
            if (result is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
                of.Check(result);
            return result == raw.SQLITE_ROW;
        }

        public bool IsNull(int column) => raw.sqlite3_column_type(of._statement, column) == raw.SQLITE_NULL;

        public long GetInt64(int column) => raw.sqlite3_column_int64(of._statement, column);

        public string GetString(int column) => raw.sqlite3_column_text(of._statement, column).utf8_to_string();

        /// <summary>A blob, or a text in UTF-8.</summary>
        public byte[] GetBytes(int column) => raw.sqlite3_column_blob(of._statement, column).ToArray();

        public Instant GetInstant(int column) => Instant.FromUnixTimeMilliseconds(GetInt64(column));

        /// <remarks>What the statement failed with, Read has thrown.</remarks>
        public void Dispose()
        {
            raw.sqlite3_reset(of._statement);
            raw.sqlite3_clear_bindings(of._statement);
        }
    }
}
