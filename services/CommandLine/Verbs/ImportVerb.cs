using System.CommandLine;
using TaggingPipeline.CommandLine.Import;
using TaggingPipeline.CommandLine.Mapping;
using TaggingPipeline.CommandLine.Server;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging import</c></summary>
internal static class ImportVerb
{
    private const int DefaultBatch = 1000;
    private const int LargestBatch = 2500;

    public static Verb Create(Surroundings surroundings, RetrySchedule retries)
    {
        var file = SharedOptions.File("FILE", "CSV, TSV, whitespace-separated text or JSON lines; gzip too");
        var map = SharedOptions.Map();
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var batch = new Option<int>("--batch") { Description = $"Events in a request, 1 to {LargestBatch}", DefaultValueFactory = _ => DefaultBatch };
        batch.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > LargestBatch)
                result.AddError($"--batch: expected 1 to {LargestBatch}");
        });
        var strict = new Option<bool>("--strict") { Description = "End with 1 if any row was rejected" };
        var fromStart = new Option<bool>("--from-start") { Description = "Do not continue an interrupted import" };
        var verb = new Verb("import", "Send a file of events to a running server.", "tagging import orders.csv.gz --map orders.map.yaml")
        {
            Remarks = """
                Importing a file twice changes nothing: the second time its events are duplicates. An import that was interrupted continues
                where it stopped when the same command is given again.
                Rows that cannot be used are told on standard error, by line, and do not stop the import. It ends with 1 if no row could be
                used, or with --strict if any could not.
                """,
        };
        verb.Add(file);
        verb.Add(map);
        verb.Add(url);
        verb.Add(apiKey);
        verb.Add(batch);
        verb.Add(strict);
        verb.Add(fromStart);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var import = new Request(parsed.GetRequiredValue(file), parsed.GetValue(map), parsed.GetValue(batch), parsed.GetValue(fromStart));
            var summary = await RunAsync(import, client, retries, surroundings, cancellationToken);
            summary.Rejected.Tell(surroundings.Error, import.File);
            summary.Write(surroundings.Output);
            return HasFailed(summary, parsed.GetValue(strict)) ? ExitCode.Failed : ExitCode.Ok;
        });
        return verb;
    }

    private static async Task<ImportSummary> RunAsync(
        Request import, ApiClient client, RetrySchedule retries, Surroundings surroundings, CancellationToken cancellationToken)
    {
        var checkpoint = await Checkpoint.OpenAsync(surroundings.StateFolder, import.File, import.Map, client.Url, cancellationToken);
        if (import.FromStart)
            checkpoint.Clear();
        try
        {
            while (true)
            {
                using var events = await EventFile.OpenAsync(import.File, import.Map, cancellationToken);
                var summary = surroundings.IsWatched
                    ? await ProgressBar.ShowAsync(surroundings.Error, surroundings.Clock, events.Length, report => SendAsync(events, report))
                    : await SendAsync(events, new PlainReport(surroundings.Error));
                if (summary is not null)
                    return summary;
                checkpoint.Clear();
            }
        }
        catch (Exception failure) when (failure is CommandException or OperationCanceledException && checkpoint.Reached.Rows > 0)
        {
            surroundings.Error.WriteLine($"stopped after line {checkpoint.Reached.Line}; the same command continues there");
            throw;
        }

        Task<ImportSummary?> SendAsync(EventFile events, IImportReport report)
        {
            var sender = new BatchSender(client, retries, surroundings.Clock, report.Note);
            return new ImportRun(sender, checkpoint, import.Batch, report).RunAsync(events, cancellationToken);
        }
    }

    private static bool HasFailed(ImportSummary summary, bool strict)
    {
        var rejected = summary.Rejected.Count + summary.RejectedEarlier;
        var isNothingUsable = summary.Accepted + summary.Duplicate + summary.Earlier == 0;
        return rejected > 0 && (strict || isNothingUsable);
    }

    private sealed record Request(string File, string? Map, int Batch, bool FromStart);
}
