using System.CommandLine;
using System.Text.Json;
using TaggingPipeline.CommandLine.Output;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging rejected</c>: <c>list</c>, <c>groups</c>, <c>show</c>, <c>discard</c>, and with <see cref="RejectedMendVerb"/> <c>preview</c> and <c>resubmit</c></summary>
internal static class RejectedVerb
{
    private const string Path = "api/rejected";

    public static Verb Create(Surroundings surroundings) => new("rejected", "List, mend, send again and discard events that could not be accepted.", "tagging rejected groups")
    {
        CreateList(surroundings),
        CreateGroups(surroundings),
        CreateShow(surroundings),
        RejectedMendVerb.Create(
            "preview", "Show what would become of rejected events if they were mended and sent again; change nothing.",
            "tagging rejected preview --code missing-id --rename userID=userId", surroundings),
        RejectedMendVerb.Create(
            "resubmit", "Mend rejected events, and send those again that are accepted then; the others stay, with the new reason.",
            "tagging rejected resubmit --code missing-id --rename userID=userId", surroundings),
        CreateDiscard(surroundings),
    };

    public static Option<string?> Code() => new("--code") { Description = "Those with this code", HelpName = "CODE" };

    public static Option<string?> Pattern() => new("--pattern") { Description = "Those whose reason has this pattern, as `groups` shows it", HelpName = "PATTERN" };

    public static Option<bool> All() => new("--all") { Description = "All there are" };

    public static Argument<string[]> Ids() => new("ID") { Description = "The rejections; or say which with --code, --pattern or --all", Arity = ArgumentArity.ZeroOrMore };

    /// <summary>Requires one of the ways in which rejections are named.</summary>
    public static void RequireChoice(Command verb, Argument<string[]> ids, Option<string?> code, Option<string?> pattern, Option<bool> all) => verb.Validators.Add(result =>
    {
        var byReason = result.GetValue(code) is not null || result.GetValue(pattern) is not null;
        if ((result.GetValue(ids) is { Length: > 0 } ? 1 : 0) + (byReason ? 1 : 0) + (result.GetValue(all) ? 1 : 0) != 1)
            result.AddError("name rejections by their ids, or say which with --code or --pattern, or --all");
    });

    private static Verb CreateList(Surroundings surroundings)
    {
        var (code, pattern) = (Code(), Pattern());
        var (url, apiKey, format) = (SharedOptions.Url(surroundings), SharedOptions.ApiKey(), Format());
        var verb = new Verb("list", "List rejected events, the oldest first.", "tagging rejected list --code missing-id") { code, pattern, url, apiKey, format };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var items = client.ListAsync($"{Path}?{QueryOf(parsed.GetValue(code), parsed.GetValue(pattern))}limit=100", cancellationToken);
            await WriteAsync(items, parsed.GetValue(format)!, surroundings, "id", "receivedAt", "source", "messageId", "code", "reason");
            return ExitCode.Ok;
        });
        return verb;
    }

    private static Verb CreateGroups(Surroundings surroundings)
    {
        var (url, apiKey, format) = (SharedOptions.Url(surroundings), SharedOptions.ApiKey(), Format());
        var verb = new Verb("groups", "Show how many events were rejected, and why.", "tagging rejected groups") { url, apiKey, format };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            await WriteAsync(client.ListAsync($"{Path}/groups", cancellationToken), parsed.GetValue(format)!, surroundings, "code", "count", "firstAt", "lastAt", "example", "pattern");
            return ExitCode.Ok;
        });
        return verb;
    }

    private static Verb CreateShow(Surroundings surroundings)
    {
        var id = new Argument<string>("ID") { Description = "The rejection" };
        var (url, apiKey) = (SharedOptions.Url(surroundings), SharedOptions.ApiKey());
        var verb = new Verb("show", "Show a rejected event with what was sent.", "tagging rejected show 5f0c1b2a39d84e7760a1b2c3d4e5f607") { id, url, apiKey };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var wanted = parsed.GetRequiredValue(id);
            if (await client.GetAsync($"{Path}/{Uri.EscapeDataString(wanted)}", cancellationToken) is not { } found)
                throw new CommandException($"there is no rejected event `{wanted}`");
            foreach (var field in (string[])["id", "receivedAt", "code", "reason", "messageId", "source", "request", "steps", "payload"])
            {
                if (found.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String)
                    await surroundings.Output.WriteLineAsync($"{field,-10}  {value.GetString()}");
            }

            return ExitCode.Ok;
        });
        return verb;
    }

    private static Verb CreateDiscard(Surroundings surroundings)
    {
        var (ids, code, pattern, all) = (Ids(), Code(), Pattern(), All());
        var (url, apiKey) = (SharedOptions.Url(surroundings), SharedOptions.ApiKey());
        var verb = new Verb("discard", "Remove rejected events for good.", "tagging rejected discard --code not-json") { ids, code, pattern, all, url, apiKey };
        RequireChoice(verb, ids, code, pattern, all);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var named = parsed.GetValue(ids) ?? [];
            foreach (var id in named)
                await client.DeleteAsync($"{Path}/{Uri.EscapeDataString(id)}", cancellationToken);
            var discarded = named.Length > 0
                ? named.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)
                : (await client.DoAsync(
                    HttpMethod.Delete, $"{Path}?{QueryOf(parsed.GetValue(code), parsed.GetValue(pattern))}all={(parsed.GetValue(all) ? "true" : "false")}", null, cancellationToken))
                    .GetProperty("discarded").ToString();
            await surroundings.Output.WriteLineAsync($"discard: {discarded}");
            return ExitCode.Ok;
        });
        return verb;
    }

    private static Option<string> Format() => SharedOptions.Format(RowWriter.Table, RowWriter.Csv, RowWriter.JsonLines);

    private static string QueryOf(string? code, string? pattern) => string.Concat(new[] { ("code", code), ("pattern", pattern) }
        .Where(each => each.Item2 is not null).Select(each => $"{each.Item1}={Uri.EscapeDataString(each.Item2!)}&"));

    private static async Task WriteAsync(IAsyncEnumerable<JsonElement> items, string format, Surroundings surroundings, params string[] columns)
    {
        using var rows = RowWriter.Create(format, surroundings.Output, columns);
        await foreach (var item in items)
            rows.Write([.. columns.Select(column => item.TryGetProperty(column, out var field) ? ValueJson.Read(field) : Value.Missing)]);
    }
}
