using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using TaggingPipeline.CommandLine.Server;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging rules rollover</c></summary>
internal static class RulesRolloverVerb
{
    private const string Path = "api/rulebook/rollover";
    private const string Pause = "pause";
    private const string Resume = "resume";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static Verb Create(Surroundings surroundings)
    {
        var action = new Argument<string?>("ACTION") { Description = "pause or resume; without it, only tell", Arity = ArgumentArity.ZeroOrOne };
        action.AcceptOnlyFromAmong(Pause, Resume);
        var watch = new Option<bool>("--watch") { Description = "Show progress until nobody is left" };
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var verb = new Verb("rollover", "Tell how far existing customers have come under the rulebook in force; pause that, or go on.", "tagging rules rollover --watch")
        {
            Remarks = "While it is paused, what customers do is decided under the rulebook in force all the same. Another version that is published begins at once.",
        };
        verb.Add(action);
        verb.Add(watch);
        verb.Add(url);
        verb.Add(apiKey);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var rollover = parsed.GetValue(action) is { } asked ? await client.DoAsync(HttpMethod.Post, $"{Path}/{asked}", null, cancellationToken) : await ReadAsync(client, cancellationToken);
            if (parsed.GetValue(watch) && surroundings.IsWatched)
                rollover = await ShowAsync(client, rollover, surroundings.Error, cancellationToken);
            else if (parsed.GetValue(watch))
                rollover = await FollowAsync(client, rollover, _ => { }, cancellationToken);
            surroundings.Output.WriteLine(TextOf(rollover));
            return ExitCode.Ok;
        });
        return verb;
    }

    /// <summary>What a roll-over's state is, in a line.</summary>
    private static string TextOf(JsonElement rollover)
    {
        var (customers, segments) = (rollover.GetProperty("customers"), rollover.GetProperty("segments"));
        var paused = rollover.GetProperty("paused").GetBoolean() ? ", paused" : "";
        return $"version {rollover.GetProperty("number")}, {rollover.GetProperty("version").GetString()}{paused}: tags: {PartOf(customers)}; segments: {PartOf(segments)}";
    }

    private static string PartOf(JsonElement part)
    {
        var (all, left) = (part.GetProperty("all").GetInt64(), part.GetProperty("left").GetInt64());
        if (left == 0)
            return string.Create(CultureInfo.InvariantCulture, $"all {all:N0} customers are through");
        var rate = part.GetProperty("perSecond") is { ValueKind: JsonValueKind.Number } measured ? string.Create(CultureInfo.InvariantCulture, $", {measured.GetDouble():N0} a second") : "";
        var time = part.GetProperty("secondsLeft") is { ValueKind: JsonValueKind.Number } seconds ? $", {TimeSpan.FromSeconds(seconds.GetDouble()):c} left" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{left:N0} of {all:N0} customers left{rate}{time}");
    }

    private static async Task<JsonElement> ShowAsync(ApiClient client, JsonElement first, TextWriter error, CancellationToken cancellationToken)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        return await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(async context =>
            {
                var (tags, segments) = (context.AddTask("tags"), context.AddTask("segments"));
                return await FollowAsync(client, first, rollover =>
                {
                    Draw(tags, "tags", rollover.GetProperty("customers"), rollover.GetProperty("paused").GetBoolean());
                    Draw(segments, "segments", rollover.GetProperty("segments"), rollover.GetProperty("paused").GetBoolean());
                }, cancellationToken);
            });
    }

    private static void Draw(ProgressTask bar, string name, JsonElement part, bool isPaused)
    {
        var all = part.GetProperty("all").GetInt64();
        bar.MaxValue = Math.Max(1, all);
        bar.Value = all == 0 ? 1 : all - part.GetProperty("left").GetInt64();
        bar.Description = $"{name}: {PartOf(part)}{(isPaused ? ", paused" : "")}";
    }

    /// <summary>Asks again until nobody is left.</summary>
    private static async Task<JsonElement> FollowAsync(ApiClient client, JsonElement rollover, Action<JsonElement> show, CancellationToken cancellationToken)
    {
        while (true)
        {
            show(rollover);
            if (rollover.GetProperty("customers").GetProperty("left").GetInt64() + rollover.GetProperty("segments").GetProperty("left").GetInt64() == 0)
                return rollover;
            await Task.Delay(Interval, cancellationToken);
            rollover = await ReadAsync(client, cancellationToken);
        }
    }

    private static async Task<JsonElement> ReadAsync(ApiClient client, CancellationToken cancellationToken) =>
        await client.GetAsync(Path, cancellationToken) ?? throw new CommandException($"{client.Url} knows of no roll-over: is it a tagging server of this version?");
}
