using System.CommandLine;
using NodaTime.Text;
using TaggingPipeline.CommandLine.Output;
using TaggingPipeline.CommandLine.Server;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging segments export</c></summary>
internal static class SegmentExportVerb
{
    public static Verb Create(Surroundings surroundings)
    {
        var key = new Argument<string>("KEY") { Description = "The segment" };
        var at = SharedOptions.InstantOf("--at", "The members as of this instant; those of now where it is left out");
        var file = new Option<string?>("--output") { Description = "File to write; standard output where it is left out", HelpName = "FILE" };
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var format = SharedOptions.Format(RowWriter.Csv, RowWriter.JsonLines);
        var verb = new Verb("export", "Write all members of a segment, however many.", "tagging segments export win-back --output win-back.csv")
        {
            Remarks = """
                Members come by customer id. The file appears when it is whole: an export that fails leaves the one that was there before as it is.
                """,
        };
        verb.Add(key);
        verb.Add(at);
        verb.Add(file);
        verb.Add(url);
        verb.Add(apiKey);
        verb.Add(format);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var segment = parsed.GetRequiredValue(key);
            var asOf = parsed.GetValue(at) is { } instant ? $"?at={Uri.EscapeDataString(InstantPattern.ExtendedIso.Format(instant))}" : "";
            Task WriteAsync(TextWriter output) => ExportAsync(client, segment, asOf, parsed.GetValue(format)!, output, cancellationToken);
            await (parsed.GetValue(file) is { } path ? WriteFileAsync(path, WriteAsync) : WriteAsync(surroundings.Output));
            return ExitCode.Ok;
        });
        return verb;
    }

    private static async Task ExportAsync(ApiClient client, string segment, string query, string format, TextWriter output, CancellationToken cancellationToken)
    {
        var lines = client.LinesAsync($"{SegmentsVerb.PathOf(segment)}/members{query}", cancellationToken);
        await using var members = lines.GetAsyncEnumerator(cancellationToken);
        // Nothing is written, a header neither, before the server has answered.
        var isMember = await members.MoveNextAsync();
        using var rows = RowWriter.Create(format, output, "customer", "since");
        for (; isMember; isMember = await members.MoveNextAsync())
            rows.Write(SegmentsVerb.Field(members.Current, "customer"), SegmentsVerb.Field(members.Current, "since"));
    }

    /// <summary>Writes beside the file, and puts it in its place when it is whole.</summary>
    private static async Task WriteFileAsync(string path, Func<TextWriter, Task> writeAsync)
    {
        var part = path + ".part";
        try
        {
            await using (var output = new StreamWriter(part))
                await writeAsync(output);
            File.Move(part, path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--output: {path} cannot be written: {failure.Message}", failure);
        }
        finally
        {
            if (File.Exists(part))
                File.Delete(part);
        }
    }
}
