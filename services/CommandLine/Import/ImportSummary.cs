using System.Globalization;
using TaggingPipeline.CommandLine.Mapping;

namespace TaggingPipeline.CommandLine.Import;

/// <summary>What became of a file's rows.</summary>
internal sealed class ImportSummary
{
    private readonly SortedDictionary<string, long> _skipped = new(StringComparer.Ordinal);

    public long Accepted { get; private set; }

    public long Duplicate { get; private set; }

    public RejectedRows Rejected { get; } = new();

    /// <summary>Rows that an earlier, interrupted run had dealt with.</summary>
    public long Earlier { get; set; }

    /// <summary>How many of those it had rejected.</summary>
    public long RejectedEarlier { get; set; }

    public void Add(ImportBatch batch, ImportAnswer answer)
    {
        Accepted += answer.Accepted;
        Duplicate += answer.Duplicate;
        foreach (var (line, rejection) in batch.Rejected)
            Rejected.Add(line, rejection);
        foreach (var result in answer.Results)
            Rejected.Add(batch.LineOf(result.Index), new(result.Code, result.Reason));
        foreach (var reason in batch.Skipped)
            _skipped[reason] = _skipped.GetValueOrDefault(reason) + 1;
    }

    public void Write(TextWriter output)
    {
        WriteCount(output, "accepted", Accepted);
        WriteCount(output, "duplicate", Duplicate);
        WriteCount(output, "rejected", Rejected.Count);
        foreach (var (reason, count) in _skipped)
            WriteCount(output, "skipped", count, reason);
        if (Earlier > 0)
            WriteCount(output, "earlier", Earlier, $"rows dealt with by an interrupted run, {RejectedEarlier} of them rejected");
    }

    private static void WriteCount(TextWriter output, string what, long count, string? remark = null) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-10} {count}{(remark is null ? "" : $"  ({remark})")}"));
}
