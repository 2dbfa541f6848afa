using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using TaggingPipeline.CommandLine.Files;
using TaggingPipeline.CommandLine.Output;
using TaggingPipeline.CommandLine.Server;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging rules preview</c></summary>
internal static class RulesPreviewVerb
{
    private sealed record PreviewOptions(string File, int? Sample, int Examples, string? Tag, string? Segment, string Format);

    public static Verb Create(Surroundings surroundings)
    {
        var file = SharedOptions.File("FILE", "Rulebook file that is not published yet");
        var sample = new Option<int?>("--sample") { Description = "Look at about so many customers only: faster, with bounds of the error", HelpName = "N" };
        var examples = new Option<int>("--examples") { Description = "How many who move to name, with the reason, each way", HelpName = "N", DefaultValueFactory = _ => 2 };
        var tag = new Option<string?>("--tag") { Description = "List everybody who would move in this tag", HelpName = "KEY" };
        var segment = new Option<string?>("--segment") { Description = "List everybody who would move in this segment", HelpName = "KEY" };
        var format = SharedOptions.Format(RowWriter.Table, RowWriter.Csv, RowWriter.JsonLines);
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var verb = new Verb(
            "preview", "Tell who would move if a rulebook were published; nothing is written.", "tagging rules preview shop.yaml --segment win-back --format csv")
        {
            Remarks = """
                The server decides all its customers under the rulebook in force and under FILE, and writes a row for each tag and segment: how many have it, would
                have it, enter, leave, change value and stay. The token at the end confirms a publication that would change much of a segment: docs/rulebooks.md.
                """,
        };
        foreach (var option in (Option[])[sample, examples, tag, segment, format, url, apiKey])
            verb.Add(option);
        verb.Add(file);
        verb.Validators.Add(result =>
        {
            if (result.GetValue(tag) is not null && result.GetValue(segment) is not null)
                result.AddError("--tag, --segment: give one of them");
        });
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            // It may look at all customers, after others: Ctrl+C ends it.
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings, Timeout.InfiniteTimeSpan);
            var options = new PreviewOptions(
                parsed.GetRequiredValue(file), parsed.GetValue(sample), parsed.GetValue(examples), parsed.GetValue(tag), parsed.GetValue(segment), parsed.GetValue(format)!);
            await Rulebooks.LoadAsync(options.File, cancellationToken); // its errors are told with the file's name
            var body = new { content = await File.ReadAllTextAsync(options.File, cancellationToken) };
            if (options.Tag is not null || options.Segment is not null)
                await ListAsync(client, body, options, surroundings.Output, cancellationToken);
            else
                await CountAsync(client, body, options, surroundings, cancellationToken);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static async Task CountAsync(ApiClient client, object body, PreviewOptions options, Surroundings surroundings, CancellationToken cancellationToken)
    {
        var sample = options.Sample is { } size ? string.Create(CultureInfo.InvariantCulture, $"&sample={size}") : "";
        var preview = await client.DoAsync(HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"api/rulebook/preview?examples={options.Examples}{sample}"), body, cancellationToken);
        var isExact = preview.GetProperty("exact").GetBoolean();
        using (var rows = RowWriter.Create(options.Format, surroundings.Output, "kind", "key", "before", "after", "enter", "leave", "change", "stay"))
        {
            foreach (var kind in (string[])["tag", "segment"])
            {
                foreach (var row in preview.GetProperty($"{kind}s").EnumerateArray())
                {
                    rows.Write(
                        Value.Of(kind), ValueJson.Read(row.GetProperty("key")), Cell(row, "before"), Cell(row, "after"), Cell(row, "enter"), Cell(row, "leave"), Cell(row, "change"),
                        Cell(row, "stay"));
                }
            }
        }

        if (options.Format != RowWriter.Table)
            return;
        foreach (var mover in preview.GetProperty("tags").EnumerateArray().Concat(preview.GetProperty("segments").EnumerateArray()).SelectMany(row => row.GetProperty("examples").EnumerateArray()))
            surroundings.Output.WriteLine($"{Text(mover, "customer")} {Text(mover, "move")} {Text(mover, "key")}{ValuesOf(mover)}: {mover.GetProperty("reason").GetProperty("text")}");
        surroundings.Output.WriteLine(isExact
            ? $"{preview.GetProperty("customers")} customers, all looked at, over {Text(preview, "inForce")}."
            : $"{preview.GetProperty("looked")} of {preview.GetProperty("customers")} customers looked at, over {Text(preview, "inForce")}: [a, b] is where a number lies with a probability of 95 %.");
        if (preview.GetProperty("needsConfirmation").EnumerateArray().Select(key => key.GetString()).ToArray() is { Length: > 0 } much)
            surroundings.Output.WriteLine($"Much would change in {string.Join(", ", much)}: publish with --token {Text(preview, "token")} or --yes-really.");
    }

    private static async Task ListAsync(ApiClient client, object body, PreviewOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var query = options.Tag is { } tag ? $"tag={Uri.EscapeDataString(tag)}" : $"segment={Uri.EscapeDataString(options.Segment!)}";
        using var rows = RowWriter.Create(options.Format, output, "customer", "move", "previous", "value", "reason");
        await foreach (var mover in client.LinesAsync(HttpMethod.Post, $"api/rulebook/preview/movers?{query}", body, cancellationToken))
        {
            rows.Write(
                ValueJson.Read(mover.GetProperty("customer")), ValueJson.Read(mover.GetProperty("move")), ValueJson.Read(mover.GetProperty("previous")),
                ValueJson.Read(mover.GetProperty("value")), ValueJson.Read(mover.GetProperty("reason").GetProperty("text")));
        }
    }

    /// <summary>A count, and behind it its bounds if it is an estimate.</summary>
    private static Value Cell(JsonElement row, string name) =>
        row.GetProperty("bounds") is { ValueKind: JsonValueKind.Object } all && all.TryGetProperty(name, out var bounds)
            ? Value.Of($"{row.GetProperty(name)} [{bounds[0]}, {bounds[1]}]")
            : ValueJson.Read(row.GetProperty(name));

    private static string ValuesOf(JsonElement mover) => Text(mover, "move") switch
    {
        "changes" => $" from {mover.GetProperty("previous")} to {mover.GetProperty("value")}",
        "enters" when mover.GetProperty("value").ValueKind != JsonValueKind.True => $" as {mover.GetProperty("value")}",
        _ => "",
    };

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
