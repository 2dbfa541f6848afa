using System.Buffers;
using TaggingPipeline.CommandLine.Mapping;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.CommandLine.Import;

/// <summary>A stretch of a file's rows: the events that go to the server together, and what became of the other rows.</summary>
internal sealed class ImportBatch
{
    private readonly ArrayBufferWriter<byte> _body = new();
    private readonly List<long> _lines = [];

    /// <summary>How many events it holds.</summary>
    public int Events => _lines.Count;

    /// <summary>How many rows it holds.</summary>
    public int Rows { get; private set; }

    /// <summary>The line of its last row.</summary>
    public long LastLine { get; private set; }

    /// <summary>The events, one a line.</summary>
    public ReadOnlyMemory<byte> Body => _body.WrittenMemory;

    public List<(long Line, Rejection Rejection)> Rejected { get; } = [];

    /// <summary>The reasons of the rows that skip rules left out.</summary>
    public List<string> Skipped { get; } = [];

    public void Add(MappedRow row)
    {
        Rows++;
        LastLine = row.Line;
        if (row.Event is { } shopEvent)
            Add(row.Line, shopEvent);
        else if (row.Rejection is { } rejection)
            Rejected.Add((row.Line, rejection));
        else
            Skipped.Add(row.SkipReason!);
    }

    /// <summary>The line of the file from which the event at that position came.</summary>
    public long LineOf(int index) => _lines[index];

    private void Add(long line, ShopEvent shopEvent)
    {
        _lines.Add(line);
        ShopEventLines.Write(_body, shopEvent);
    }
}
