using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using NodaTime.Text;
using TaggingPipeline.CommandLine.Output;
using TaggingPipeline.CommandLine.Replaying;
using TaggingPipeline.CommandLine.Server;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging replay</c>, and what can be done with a replay that was begun.</summary>
internal static class ReplayVerb
{
    private sealed record Asked(bool Apply, string? Changes, string[]? Customers, string? Segment, string? Rulebook, string? At, int? Rate, int? Parts);

    public static Verb Create(Surroundings surroundings)
    {
        var apply = new Option<bool>("--apply") { Description = "Write what differs; without it nothing is written" };
        var customers = new Option<string[]>("--customer") { Description = "Only these customers", HelpName = "ID", AllowMultipleArgumentsPerToken = true };
        var segment = new Option<string?>("--segment") { Description = "Only the members of this segment", HelpName = "KEY" };
        var rulebook = new Option<string?>("--rulebook") { Description = "Another rulebook than the one in force", HelpName = "FILE" };
        var version = new Option<long?>("--version-number") { Description = "Another published version of the rulebook than the one in force", HelpName = "N" };
        var at = SharedOptions.InstantOf("--at", "As of this instant; as of now where it is left out");
        var changes = new Option<string?>("--changes") { Description = "With `none` subscribers are not told of what is written", HelpName = "all|none" };
        changes.AcceptOnlyFromAmong("all", "none");
        var rate = new Option<int?>("--rate") { Description = "Read at most so many events a second", HelpName = "N" };
        var parts = new Option<int?>("--parts") { Description = "Work on so many customers at once; half as many as the server has processors where it is left out", HelpName = "N" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Write nothing, which is so without it too" };
        var background = new Option<bool>("--background") { Description = "Write the replay's id and do not wait for its end" };
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var verb = new Verb("replay", "Rebuild customers from the recorded events, and report what differs from what they have.", "tagging replay --segment win-back")
        {
            Remarks = """
                Writes a report at the end, and ends with 1 if the replay failed or anything differs that was not written. Ctrl-C leaves the replay at work on the
                server: `tagging replay watch ID` follows it again, and pause, resume and cancel do what they say. docs/replay.md has more.
                """,
        };
        foreach (var option in (Option[])[apply, dryRun, customers, segment, rulebook, version, at, changes, rate, parts, background, url, apiKey])
            verb.Add(option);
        verb.Validators.Add(result =>
        {
            if (result.GetValue(apply) && result.GetValue(dryRun))
                result.AddError("--apply, --dry-run: give one of them");
            if (result.GetValue(customers) is { Length: > 0 } && result.GetValue(segment) is not null)
                result.AddError("--customer, --segment: give one of them");
            if (result.GetValue(rulebook) is not null && result.GetValue(version) is not null)
                result.AddError("--rulebook, --version-number: give one of them");
        });
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            string? yaml = null;
            if (parsed.GetValue(rulebook) is { } file)
            {
                await Rulebooks.LoadAsync(file, cancellationToken); // its errors are told with the file's name
                yaml = await File.ReadAllTextAsync(file, cancellationToken);
            }
            else if (parsed.GetValue(version) is { } number)
            {
                var published = await client.GetAsync(string.Create(CultureInfo.InvariantCulture, $"api/rulebook/versions/{number}"), cancellationToken)
                    ?? throw new CommandException($"there is no version {number} of the rulebook (`tagging rules history` lists them)");
                yaml = published.GetProperty("content").GetString();
            }

            var asked = new Asked(
                parsed.GetValue(apply), parsed.GetValue(changes), parsed.GetValue(customers) is { Length: > 0 } some ? some : null, parsed.GetValue(segment), yaml,
                parsed.GetValue(at) is { } instant ? InstantPattern.ExtendedIso.Format(instant) : null, parsed.GetValue(rate), parsed.GetValue(parts));
            var begun = await client.DoAsync(HttpMethod.Post, "api/replays", asked, cancellationToken);
            var id = begun.GetProperty("id").GetString()!;
            if (parsed.GetValue(background))
            {
                await surroundings.Output.WriteLineAsync(id);
                return ExitCode.Ok;
            }

            await surroundings.Error.WriteLineAsync($"note: {id} has begun");
            return await FollowAsync(client, id, surroundings, cancellationToken);
        });
        verb.Add(CreateList(surroundings));
        verb.Add(CreateOfOne("watch", "Follow a replay until it is over, and report what came of it.", surroundings, FollowAsync));
        verb.Add(CreateOfOne("differences", "List the first customers who differed, with both values of each tag.", surroundings, ListDifferencesAsync));
        foreach (var (action, description) in new[] { ("pause", "Pause a replay that runs or waits."), ("resume", "Go on with a replay that was paused."), ("cancel", "End a replay; what it wrote until then stays.") })
        {
            verb.Add(CreateOfOne(action, description, surroundings, async (client, id, given, cancellationToken) =>
            {
                var changed = await client.DoAsync(HttpMethod.Post, $"{ReplayWatch.PathOf(id)}/{action}", null, cancellationToken);
                await given.Output.WriteLineAsync($"{id} is {changed.GetProperty("state").GetString()}");
                return ExitCode.Ok;
            }));
        }

        return verb;
    }

    private static Verb CreateList(Surroundings surroundings)
    {
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var format = SharedOptions.Format(RowWriter.Table, RowWriter.Csv, RowWriter.JsonLines);
        var verb = new Verb("list", "List the latest replays.", "tagging replay list");
        foreach (var option in (Option[])[url, apiKey, format])
            verb.Add(option);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var replays = await client.ListAsync("api/replays", cancellationToken).ToListAsync(cancellationToken);
            using var rows = RowWriter.Create(parsed.GetValue(format)!, surroundings.Output, "id", "state", "apply", "customers", "different", "written", "left");
            foreach (var replay in replays)
            {
                var report = replay.GetProperty("report");
                rows.Write(
                    SegmentsVerb.Field(replay, "id"), SegmentsVerb.Field(replay, "state"), SegmentsVerb.Field(replay, "apply"), SegmentsVerb.Field(report, "customers"),
                    SegmentsVerb.Field(report, "different"), SegmentsVerb.Field(report, "written"), SegmentsVerb.Field(report, "leftForLater"));
            }

            return ExitCode.Ok;
        });
        return verb;
    }

    private static Verb CreateOfOne(
        string name, string description, Surroundings surroundings, Func<ApiClient, string, Surroundings, CancellationToken, Task<int>> act)
    {
        var id = new Argument<string>("ID") { Description = "The replay" };
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var verb = new Verb(name, description, $"tagging replay {name} replay-20261122-154530-0f3a9c");
        verb.Add(id);
        verb.Add(url);
        verb.Add(apiKey);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            return await act(client, parsed.GetRequiredValue(id), surroundings, cancellationToken);
        });
        return verb;
    }

    private static async Task<int> FollowAsync(ApiClient client, string id, Surroundings surroundings, CancellationToken cancellationToken)
    {
        var ended = await ReplayWatch.FollowAsync(client, id, surroundings, cancellationToken);
        var differences = await client.ListAsync($"{ReplayWatch.PathOf(id)}/differences", cancellationToken).ToListAsync(cancellationToken);
        await surroundings.Output.WriteAsync(ReplayReportText.Write(ended, differences));
        var report = ended.GetProperty("report");
        var open = report.GetProperty("different").GetInt64() - report.GetProperty("written").GetInt64() + report.GetProperty("leftForLater").GetInt64() + report.GetProperty("withoutEvents").GetInt64();
        return ended.GetProperty("state").GetString() is "done" && open == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    private static async Task<int> ListDifferencesAsync(ApiClient client, string id, Surroundings surroundings, CancellationToken cancellationToken)
    {
        await ReplayWatch.ReadAsync(client, id, cancellationToken);
        await foreach (var difference in client.ListAsync($"{ReplayWatch.PathOf(id)}/differences", cancellationToken))
            await surroundings.Output.WriteLineAsync(JsonSerializer.Serialize(difference));
        return ExitCode.Ok;
    }
}
