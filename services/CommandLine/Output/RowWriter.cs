using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.CommandLine.Output;

/// <summary>Writes results row by row, in the format that the user asked for.</summary>
/// <remarks>Dispose to write what is held back.</remarks>
internal abstract class RowWriter : IDisposable
{
    public const string Csv = "csv";
    public const string JsonLines = "jsonl";
    public const string Table = "table";

    /// <param name="format">One of the constants of this class.</param>
    public static RowWriter Create(string format, TextWriter output, params string[] columns) => format switch
    {
        JsonLines => new JsonRowWriter(output, columns),
        Table => new TableRowWriter(output, columns),
        _ => new CsvRowWriter(output, columns),
    };

    /// <param name="cells">A value for each column; missing for none.</param>
    public abstract void Write(params ReadOnlySpan<Value> cells);

    public abstract void Dispose();

    protected static string TextOf(Value cell) => cell.IsMissing ? "" : cell.ToString();
}
