using System.CommandLine;
using System.Text.Json;
using TaggingPipeline.CommandLine.Output;
using TaggingPipeline.CommandLine.Server;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging segments</c></summary>
internal static class SegmentsVerb
{
    public static Verb Create(Surroundings surroundings)
    {
        var key = new Argument<string?>("KEY")
        {
            Description = "The segment whose members are listed; all segments where it is left out",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var format = SharedOptions.Format(RowWriter.Table, RowWriter.Csv, RowWriter.JsonLines);
        var verb = new Verb("segments", "List segments with their numbers of members, or the members of one.", "tagging segments win-back");
        verb.Add(key);
        verb.Add(url);
        verb.Add(apiKey);
        verb.Add(format);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            if (parsed.GetValue(key) is { } segment)
                await ListMembersAsync(client, segment, parsed.GetValue(format)!, surroundings.Output, cancellationToken);
            else
                await ListSegmentsAsync(client, parsed.GetValue(format)!, surroundings.Output, cancellationToken);
            return ExitCode.Ok;
        });
        verb.Add(SegmentExportVerb.Create(surroundings));
        verb.Add(SegmentHistoryVerbs.CreateHistory(surroundings));
        verb.Add(SegmentHistoryVerbs.CreateChanges(surroundings));
        verb.Add(SegmentHistoryVerbs.CreateOverlap(surroundings));
        return verb;
    }

    /// <summary>Where the server has the segment.</summary>
    public static string PathOf(string segment) => $"api/segments/{Uri.EscapeDataString(segment)}";

    public static CommandException Unknown(string segment) => new($"there is no segment `{segment}` (`tagging segments` lists them)");

    public static Value Field(JsonElement item, string name) => item.TryGetProperty(name, out var field) ? ValueJson.Read(field) : Value.Missing;

    private static async Task ListSegmentsAsync(ApiClient client, string format, TextWriter output, CancellationToken cancellationToken)
    {
        var segments = await client.ListAsync("api/segments", cancellationToken).ToListAsync(cancellationToken);
        using var rows = RowWriter.Create(format, output, "key", "members", "name", "when");
        foreach (var segment in segments)
            rows.Write(Field(segment, "key"), Field(segment, "members"), Field(segment, "name"), Field(segment, "when"));
    }

    private static async Task ListMembersAsync(ApiClient client, string segment, string format, TextWriter output, CancellationToken cancellationToken)
    {
        if (await client.GetAsync(PathOf(segment), cancellationToken) is null)
            throw Unknown(segment);
        using var rows = RowWriter.Create(format, output, "customer", "since");
        await foreach (var member in client.ListAsync($"{PathOf(segment)}/members?limit=1000", cancellationToken))
            rows.Write(Field(member, "customer"), Field(member, "since"));
    }
}
