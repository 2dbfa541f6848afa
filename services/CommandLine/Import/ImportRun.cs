using TaggingPipeline.CommandLine.Mapping;

namespace TaggingPipeline.CommandLine.Import;

/// <summary>Sends a file's events to a server, a few batches at once, and notes how far it came.</summary>
/// <remarks>Memory does not grow with the file, apart from what <see cref="ContentIds"/> keeps.</remarks>
internal sealed class ImportRun(BatchSender sender, Checkpoint checkpoint, int batchSize, IImportReport report)
{
    private const int InFlightAtMost = 4;

    /// <summary>A batch is closed at this size in bytes even when it has fewer events, as servers bound the size of a body.</summary>
    private const int CloseAtBytes = 1 << 20;

    /// <summary>A batch is closed at this many rows for an event, so that a file without usable rows is not gathered in memory.</summary>
    private const int RowsForAnEvent = 10;

    /// <returns>Null when the server turned out not to know what an interrupted run had sent: then the file is to be sent from its beginning.</returns>
    /// <exception cref="CommandException">The server refused or stayed away; what was settled until then is noted.</exception>
    public async Task<ImportSummary?> RunAsync(EventFile file, CancellationToken cancellationToken)
    {
        var summary = new ImportSummary { Earlier = checkpoint.Reached.Rows, RejectedEarlier = checkpoint.Reached.Rejected };
        var inFlight = new Queue<(ImportBatch Batch, Task<ImportAnswer> Answer)>();
        using var abandon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            foreach (var batch in Batches(file, summary.Earlier))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (batch.IsSent)
                {
                    if (!await IsKnownAsync(batch.Batch, cancellationToken))
                        return null;
                    continue;
                }

                if (inFlight.Count == InFlightAtMost)
                    await SettleAsync(inFlight.Dequeue(), summary, file);
                inFlight.Enqueue((batch.Batch, SendAsync(batch.Batch, abandon.Token)));
            }

            while (inFlight.TryDequeue(out var oldest))
                await SettleAsync(oldest, summary, file);
        }
        finally
        {
            await abandon.CancelAsync();
            await Task.WhenAll(inFlight.Select(sent => (Task)sent.Answer)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        checkpoint.Clear();
        return summary;
    }

    /// <summary>The file in batches. Of the rows that an earlier run had sent, only the last ones come, as a batch of their own.</summary>
    private IEnumerable<(ImportBatch Batch, bool IsSent)> Batches(EventFile file, long sentRows)
    {
        var batch = new ImportBatch();
        long row = 0;
        foreach (var mapped in file.Rows())
        {
            row++;
            if (row <= sentRows - batchSize)
                continue;
            batch.Add(mapped);
            if (row != sentRows && batch.Events < batchSize && batch.Body.Length < CloseAtBytes && batch.Rows < RowsForAnEvent * batchSize)
                continue;
            yield return (batch, row <= sentRows);
            batch = new ImportBatch();
        }

        if (batch.Rows > 0)
            yield return (batch, false);
    }

    /// <summary>Whether the server has everything of a batch that was sent before: its store may have been replaced since.</summary>
    private async Task<bool> IsKnownAsync(ImportBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Events > 0 && (await SendAsync(batch, cancellationToken)).Accepted == 0)
        {
            report.Note($"continuing after line {batch.LastLine}, where an earlier run stopped");
            return true;
        }

        report.Note("the server does not know what an earlier run sent: starting from the beginning");
        return false;
    }

    private async Task<ImportAnswer> SendAsync(ImportBatch batch, CancellationToken cancellationToken) =>
        batch.Events == 0 ? new() : await sender.SendAsync(batch, cancellationToken);

    /// <summary>Batches are settled in the order of the file, so that the checkpoint never passes a row that is not safe.</summary>
    private async Task SettleAsync((ImportBatch Batch, Task<ImportAnswer> Answer) sent, ImportSummary summary, EventFile file)
    {
        summary.Add(sent.Batch, await sent.Answer);
        var reached = checkpoint.Reached;
        checkpoint.Advance(new(
            reached.Rows + sent.Batch.Rows,
            sent.Batch.LastLine,
            summary.RejectedEarlier + summary.Rejected.Count));
        report.Reached(checkpoint.Reached.Rows, file.Position);
    }
}
