using System.CommandLine;
using System.Text.Json;
using TaggingPipeline.CommandLine.Output;
using TaggingPipeline.CommandLine.Server;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging subscriptions</c></summary>
internal static class SubscriptionsVerb
{
    private const string Path = "api/subscriptions";

    public static Command Create(Surroundings surroundings)
    {
        var verb = new Verb("subscriptions", "Have changes delivered to webhooks, and look after that.", "tagging subscriptions add https://example.com/hooks/tags --segment win-back")
        {
            SubscriptionAddVerb.Create(surroundings),
            CreateList(surroundings),
            CreateAction("show", "Show a subscription: what it asks for, its state, and how far it has come.", "tagging subscriptions show crm", surroundings,
                (client, id, _, token) => client.DoAsync(HttpMethod.Get, id, null, token), WriteFields),
            CreatePause(surroundings),
            CreateAction("resume", "Go on with deliveries where they stopped, and try at once what waits after a failure.", "tagging subscriptions resume crm", surroundings,
                (client, id, _, token) => client.DoAsync(HttpMethod.Post, $"{id}/resume", null, token), WriteState),
            CreateAction("test", "Send a test, and show what came of it; the exit code is 1 if it was not taken.", "tagging subscriptions test crm", surroundings,
                (client, id, _, token) => client.DoAsync(HttpMethod.Post, $"{id}/test", null, token), WriteTest),
            CreateLog(surroundings),
            CreateRedeliver(surroundings),
            CreateRotate(surroundings),
            CreateAction("remove", "Remove a subscription with its position and log.", "tagging subscriptions remove crm", surroundings,
                async (client, id, _, token) =>
                {
                    await client.DeleteAsync(id, token);
                    return default;
                },
                (_, id, output) =>
                {
                    output.WriteLine($"{id} is removed");
                    return ExitCode.Ok;
                }),
        };
        return verb;
    }

    private static Verb CreateList(Surroundings surroundings)
    {
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var format = SharedOptions.Format(RowWriter.Table, RowWriter.Csv, RowWriter.JsonLines);
        var verb = new Verb("list", "List subscriptions with their states.", "tagging subscriptions list") { url, apiKey, format };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var all = await client.ListAsync(Path, cancellationToken).ToListAsync(cancellationToken);
            using var rows = RowWriter.Create(parsed.GetValue(format)!, surroundings.Output, "id", "state", "address", "position", "newest", "failing_since", "reason");
            foreach (var each in all)
                rows.Write(Field(each, "id"), Field(each, "state"), Field(each, "address"), Field(each, "position"), Field(each, "newestPosition"), Field(each, "failingSince"), Field(each, "reason"));
            return ExitCode.Ok;
        });
        return verb;
    }

    private static Verb CreateLog(Surroundings surroundings)
    {
        var id = Id();
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var limit = new Option<int>("--limit") { Description = "How many requests to show, the newest first", HelpName = "N", DefaultValueFactory = _ => 20 };
        var format = SharedOptions.Format(RowWriter.Table, RowWriter.Csv, RowWriter.JsonLines);
        var verb = new Verb("log", "Show what was sent to a subscription lately, the newest first.", "tagging subscriptions log crm --limit 50") { id, limit, url, apiKey, format };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var log = $"{PathOf(parsed.GetRequiredValue(id))}/deliveries?limit=100";
            var attempts = await client.ListAsync(log, cancellationToken).Take(parsed.GetValue(limit)).ToListAsync(cancellationToken);
            using var rows = RowWriter.Create(parsed.GetValue(format)!, surroundings.Output, "at", "changes", "attempt", "status", "ms", "error", "message_id");
            foreach (var each in attempts)
            {
                var changes = string.Join(' ', each.GetProperty("changes").EnumerateArray().Select(change => change.GetString()));
                rows.Write(
                    Field(each, "at"), Value.Of(changes.Length == 0 ? "(test)" : changes), Field(each, "attempt"), Field(each, "status"), Field(each, "durationMilliseconds"),
                    Field(each, "error"), Field(each, "messageId"));
            }

            return ExitCode.Ok;
        });
        return verb;
    }

    private static Verb CreatePause(Surroundings surroundings)
    {
        var reason = new Option<string?>("--reason") { Description = "Why; shown with the subscription", HelpName = "WHY" };
        var verb = CreateAction("pause", "Stop deliveries until they are resumed. Changes meanwhile are not lost.", "tagging subscriptions pause crm --reason \"moving house\"", surroundings,
            (client, id, parsed, token) => client.DoAsync(HttpMethod.Post, $"{id}/pause", new { reason = parsed.GetValue(reason) }, token), WriteState);
        verb.Add(reason);
        return verb;
    }

    private static Verb CreateRedeliver(Surroundings surroundings)
    {
        var from = new Option<string>("--from") { Description = "A position of the feed, after which changes are delivered; or `first`, or `now`", HelpName = "POSITION", Required = true };
        var verb = CreateAction("redeliver", "Move a subscription's position: back, to deliver again, or ahead, to pass over some.", "tagging subscriptions redeliver crm --from 1200", surroundings,
            (client, id, parsed, token) => client.DoAsync(HttpMethod.Post, $"{id}/redeliver", new { start = parsed.GetRequiredValue(from) }, token), WriteState);
        verb.Add(from);
        return verb;
    }

    private static Verb CreateRotate(Surroundings surroundings)
    {
        var keep = new Option<int?>("--keep-hours") { Description = "How long the secret before is signed with too: 0 to 168, otherwise 24", HelpName = "HOURS" };
        var verb = CreateAction("rotate", "Replace the secret of a subscription, and show the new one, this once.", "tagging subscriptions rotate crm", surroundings,
            (client, id, parsed, token) => client.DoAsync(HttpMethod.Post, $"{id}/rotate", new { keepHours = parsed.GetValue(keep) }, token),
            (answer, _, output) =>
            {
                output.WriteLine(answer.GetProperty("secret").GetString());
                return ExitCode.Ok;
            });
        verb.Add(keep);
        return verb;
    }

    private static Verb CreateAction(
        string name, string description, string example, Surroundings surroundings,
        Func<ApiClient, string, ParseResult, CancellationToken, Task<JsonElement>> act, Func<JsonElement, string, TextWriter, int> write)
    {
        var id = Id();
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var verb = new Verb(name, description, example) { id, url, apiKey };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var subscription = parsed.GetRequiredValue(id);
            return write(await act(client, PathOf(subscription), parsed, cancellationToken), subscription, surroundings.Output);
        });
        return verb;
    }

    private static int WriteState(JsonElement shown, string id, TextWriter output)
    {
        output.WriteLine($"{id} is {Text(shown, "state")}, at position {Text(shown, "position")} of {Text(shown, "newestPosition")}");
        return ExitCode.Ok;
    }

    private static int WriteFields(JsonElement shown, string id, TextWriter output)
    {
        foreach (var field in shown.EnumerateObject())
            output.WriteLine($"{field.Name,-16} {(field.Value.ValueKind == JsonValueKind.String ? field.Value.GetString() : field.Value.GetRawText())}");
        return ExitCode.Ok;
    }

    private static int WriteTest(JsonElement attempt, string id, TextWriter output)
    {
        var isTaken = attempt.GetProperty("delivered").GetBoolean();
        output.WriteLine($"{id} {(isTaken ? $"took the test: {Text(attempt, "status")}" : $"did not take the test: {Text(attempt, "error")}")}, after {Text(attempt, "durationMilliseconds")} ms");
        return isTaken ? ExitCode.Ok : ExitCode.Failed;
    }

    private static Argument<string> Id() => new("ID") { Description = "The subscription's id" };

    private static string PathOf(string id) => $"{Path}/{Uri.EscapeDataString(id)}";

    private static string Text(JsonElement item, string name) => item.GetProperty(name).ToString();

    private static Value Field(JsonElement item, string name) => item.TryGetProperty(name, out var field) ? ValueJson.Read(field) : Value.Missing;
}
