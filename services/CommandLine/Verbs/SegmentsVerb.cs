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
        var verb = new Verb(
            "segments", "List segments with their numbers of members, or the members of one.", "tagging segments win-back --format csv > win-back.csv");
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
        return verb;
    }

    private static async Task ListSegmentsAsync(ApiClient client, string format, TextWriter output, CancellationToken cancellationToken)
    {
        var segments = await client.ListAsync("api/segments", cancellationToken).ToListAsync(cancellationToken);
        using var rows = RowWriter.Create(format, output, "key", "members", "name", "when");
        foreach (var segment in segments)
            rows.Write(Field(segment, "key"), Field(segment, "members"), Field(segment, "name"), Field(segment, "when"));
    }

    private static async Task ListMembersAsync(ApiClient client, string segment, string format, TextWriter output, CancellationToken cancellationToken)
    {
        var path = $"api/segments/{Uri.EscapeDataString(segment)}";
        if (await client.GetAsync(path, cancellationToken) is null)
            throw new CommandException($"there is no segment `{segment}` (`tagging segments` lists them)");
        using var rows = RowWriter.Create(format, output, "customer", "since");
        await foreach (var member in client.ListAsync($"{path}/members?limit=1000", cancellationToken))
            rows.Write(Field(member, "customer"), Field(member, "since"));
    }

    private static Value Field(JsonElement item, string name) => item.TryGetProperty(name, out var field) ? ValueJson.Read(field) : Value.Missing;
}
