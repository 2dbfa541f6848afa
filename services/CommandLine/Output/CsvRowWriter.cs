using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.CommandLine.Output;

/// <summary>RFC 4180 with a header, and LF at line ends, as other tools on a pipe expect.</summary>
internal sealed class CsvRowWriter : RowWriter
{
    private readonly CsvWriter _csv;

    public CsvRowWriter(TextWriter output, IEnumerable<string> columns)
    {
        _csv = new CsvWriter(output, new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n" }, leaveOpen: true);
        foreach (var column in columns)
            _csv.WriteField(column);
        _csv.NextRecord();
    }

    public override void Write(params ReadOnlySpan<Value> cells)
    {
        foreach (var cell in cells)
            _csv.WriteField(TextOf(cell));
        _csv.NextRecord();
    }

    public override void Dispose() => _csv.Dispose();
}
