using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.CommandLine.Output;

/// <summary>Aligned columns for a person to read. Rows are aligned a thousand at a time, so that memory stays small.</summary>
internal sealed class TableRowWriter(TextWriter output, string[] columns) : RowWriter
{
    private const int AlignTogether = 1000;

    private readonly List<string[]> _rows = [Array.ConvertAll(columns, column => column.ToUpperInvariant())];

    public override void Write(params ReadOnlySpan<Value> cells)
    {
        var row = new string[columns.Length];
        for (var i = 0; i < row.Length; i++)
            row[i] = TextOf(cells[i]);
        _rows.Add(row);
        if (_rows.Count > AlignTogether)
            WriteOut();
    }

    public override void Dispose() => WriteOut();

    private void WriteOut()
    {
        if (_rows.Count == 0)
            return;
        var widths = Enumerable.Range(0, columns.Length).Select(column => _rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in _rows)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        _rows.Clear();
    }
}
