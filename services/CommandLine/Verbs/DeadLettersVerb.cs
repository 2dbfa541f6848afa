using System.CommandLine;
using System.Text.Json;
using TaggingPipeline.CommandLine.Output;
using TaggingPipeline.CommandLine.Server;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging dead-letters list</c>, <c>redrive</c> and <c>discard</c></summary>
internal static class DeadLettersVerb
{
    private const string Path = "api/dead-letters";

    public static Verb Create(Surroundings surroundings)
    {
        var letters = new Verb("dead-letters", "List, redrive and discard messages that could not be processed.", "tagging dead-letters list");
        letters.Add(CreateList(surroundings));
        letters.Add(CreateAction(
            "redrive", "Send messages to their queue again.", "tagging dead-letters redrive --queue tagging-events", surroundings,
            (client, id, query, token) => client.DoAsync(HttpMethod.Post, id is null ? $"{Path}/redrive?{query}" : $"{Path}/{id}/redrive", null, token)));
        letters.Add(CreateAction(
            "discard", "Remove messages for good.", "tagging dead-letters discard 018f2c6a1b3d-0f1e2d3c4b5a6978", surroundings,
            (client, id, query, token) => client.DoAsync(HttpMethod.Delete, id is null ? $"{Path}?{query}" : $"{Path}/{id}", null, token)));
        return letters;
    }

    private static Verb CreateList(Surroundings surroundings)
    {
        var (queue, reason) = (Queue(), Reason());
        var each = new Option<bool>("--each") { Description = "A row for each message, with its id, instead of their number" };
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var format = SharedOptions.Format(RowWriter.Table, RowWriter.Csv, RowWriter.JsonLines);
        var verb = new Verb("list", "List how many messages of which queue could not be processed, and why.", "tagging dead-letters list --each --queue tagging-events");
        foreach (var option in (Option[])[queue, reason, each, url, apiKey, format])
            verb.Add(option);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var (ofQueue, ofReason) = (parsed.GetValue(queue), parsed.GetValue(reason));
            if (parsed.GetValue(each))
                await WriteAsync(client.ListAsync($"{Path}?{QueryOf(ofQueue, ofReason)}", cancellationToken), parsed.GetValue(format)!, surroundings, "id", "queue", "reason", "detail", "failedAt");
            else
                await WriteAsync(
                    client.ListAsync($"{Path}/groups", cancellationToken).Where(group => IsOf(group, "queue", ofQueue) && IsOf(group, "reason", ofReason)),
                    parsed.GetValue(format)!, surroundings, "queue", "reason", "count", "firstAt", "lastAt");
            return ExitCode.Ok;
        });
        return verb;
    }

    private static Verb CreateAction(
        string name, string description, string example, Surroundings surroundings, Func<ApiClient, string?, string, CancellationToken, Task<JsonElement>> act)
    {
        var id = new Argument<string?>("ID") { Description = "The message; or say which with --queue and --reason", Arity = ArgumentArity.ZeroOrOne };
        var (queue, reason) = (Queue(), Reason());
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var verb = new Verb(name, description, example);
        verb.Add(id);
        foreach (var option in (Option[])[queue, reason, url, apiKey])
            verb.Add(option);
        verb.Validators.Add(result =>
        {
            if (result.GetValue(id) is null == (result.GetValue(queue) is null && result.GetValue(reason) is null))
                result.AddError("name a letter, or say which with --queue or --reason");
        });
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var letter = parsed.GetValue(id);
            var answer = await act(client, letter is null ? null : Uri.EscapeDataString(letter), QueryOf(parsed.GetValue(queue), parsed.GetValue(reason)), cancellationToken);
            var done = answer.ValueKind == JsonValueKind.Object ? answer.EnumerateObject().First().Value.ToString() : "1";
            await surroundings.Output.WriteLineAsync($"{name}: {done}");
            return ExitCode.Ok;
        });
        return verb;
    }

    private static async Task WriteAsync(IAsyncEnumerable<JsonElement> items, string format, Surroundings surroundings, params string[] columns)
    {
        using var rows = RowWriter.Create(format, surroundings.Output, columns);
        await foreach (var item in items)
            rows.Write([.. columns.Select(column => item.TryGetProperty(column, out var field) ? ValueJson.Read(field) : Value.Missing)]);
    }

    private static Option<string?> Queue() => new("--queue") { Description = "Only those that were in this queue", HelpName = "QUEUE" };

    private static Option<string?> Reason() => new("--reason") { Description = "Only those with this reason", HelpName = "REASON" };

    private static string QueryOf(string? queue, string? reason) => string.Join('&', new[] { ("queue", queue), ("reason", reason) }
        .Where(each => each.Item2 is not null).Select(each => $"{each.Item1}={Uri.EscapeDataString(each.Item2!)}"));

    private static bool IsOf(JsonElement group, string name, string? wanted) => wanted is null || group.GetProperty(name).GetString() == wanted;
}
