using System.CommandLine;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using TaggingPipeline.CommandLine.Output;
using TaggingPipeline.CommandLine.Server;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging segments history</c>, <c>changes</c> and <c>overlap</c></summary>
internal static class SegmentHistoryVerbs
{
    public static Verb CreateHistory(Surroundings surroundings)
    {
        var from = new Option<string?>("--from") { Description = "The first day, such as 2024-03-01; 30 days before the last where it is left out", HelpName = "DATE" };
        var to = new Option<string?>("--to") { Description = "The last day; today where it is left out", HelpName = "DATE" };
        return Create(
            "history", "Show how many members a segment had day by day, and how many entered and left.", "tagging segments history win-back --from 2024-03-01",
            surroundings, [from, to], ["date", "members", "entered", "exited"],
            (client, parsed, path, cancellationToken) => client.ListAsync($"{path}/history?{Query(("from", parsed.GetValue(from)), ("to", parsed.GetValue(to)))}", cancellationToken));
    }

    public static Verb CreateChanges(Surroundings surroundings)
    {
        var from = SharedOptions.InstantOf("--from", "Changes after this instant");
        from.Required = true;
        var to = SharedOptions.InstantOf("--to", "Changes up to this instant; all where it is left out");
        return Create(
            "changes", "Show who entered a segment and who left it between two instants.", "tagging segments changes win-back --from 2024-03-01T00:00:00Z",
            surroundings, [from, to], ["time", "customer", "type", "keySequence"],
            (client, parsed, path, cancellationToken) => client.ListAsync(
                $"{path}/changes?limit=1000&{Query(("from", TextOf(parsed.GetValue(from))), ("to", TextOf(parsed.GetValue(to))))}", cancellationToken));
    }

    public static Verb CreateOverlap(Surroundings surroundings) => Create(
        "overlap", "Show how many members of a segment are in each other one, too.", "tagging segments overlap win-back",
        surroundings, [], ["key", "members", "both", "name"], (client, _, path, cancellationToken) => client.ListAsync($"{path}/overlap", cancellationToken));

    private static Verb Create(
        string name, string description, string example, Surroundings surroundings, Option[] options, string[] columns,
        Func<ApiClient, ParseResult, string, CancellationToken, IAsyncEnumerable<JsonElement>> read)
    {
        var key = new Argument<string>("KEY") { Description = "The segment" };
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var format = SharedOptions.Format(RowWriter.Table, RowWriter.Csv, RowWriter.JsonLines);
        var verb = new Verb(name, description, example);
        verb.Add(key);
        foreach (var option in options)
            verb.Add(option);
        verb.Add(url);
        verb.Add(apiKey);
        verb.Add(format);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var path = SegmentsVerb.PathOf(parsed.GetRequiredValue(key));
            if (await client.GetAsync(path, cancellationToken) is null)
                throw SegmentsVerb.Unknown(parsed.GetRequiredValue(key));
            await using var items = read(client, parsed, path, cancellationToken).GetAsyncEnumerator(cancellationToken);
            // Nothing is written, a header neither, before the server has answered.
            var isItem = await items.MoveNextAsync();
            using var rows = RowWriter.Create(parsed.GetValue(format)!, surroundings.Output, columns);
            for (; isItem; isItem = await items.MoveNextAsync())
                rows.Write([.. columns.Select(column => SegmentsVerb.Field(items.Current, column))]);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static string Query(params (string Name, string? Value)[] parameters) =>
        string.Join('&', parameters.Where(parameter => parameter.Value is not null).Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value!)}"));

    private static string? TextOf(Instant? instant) => instant is { } known ? InstantPattern.ExtendedIso.Format(known) : null;
}
