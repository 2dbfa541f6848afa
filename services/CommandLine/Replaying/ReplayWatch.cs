using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using TaggingPipeline.CommandLine.Server;

namespace TaggingPipeline.CommandLine.Replaying;

/// <summary>Follows a replay until it is over or paused, with a bar where somebody watches.</summary>
internal static class ReplayWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    /// <returns>The replay as it ended.</returns>
    public static async Task<JsonElement> FollowAsync(ApiClient client, string id, Surroundings surroundings, CancellationToken cancellationToken)
    {
        if (!surroundings.IsWatched)
            return await FollowAsync(client, id, _ => { }, cancellationToken);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(surroundings.Error) });
        return await console.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask("queued");
                return await FollowAsync(client, id, replay => Draw(bar, replay), cancellationToken);
            });
    }

    /// <exception cref="CommandException">There is no such replay.</exception>
    public static async Task<JsonElement> ReadAsync(ApiClient client, string id, CancellationToken cancellationToken) =>
        await client.GetAsync(PathOf(id), cancellationToken) ?? throw new CommandException($"there is no replay `{id}` (`tagging replay list` lists them)");

    public static string PathOf(string id) => $"api/replays/{Uri.EscapeDataString(id)}";

    private static async Task<JsonElement> FollowAsync(ApiClient client, string id, Action<JsonElement> show, CancellationToken cancellationToken)
    {
        while (true)
        {
            var replay = await ReadAsync(client, id, cancellationToken);
            show(replay);
            if (replay.GetProperty("state").GetString() is not ("queued" or "running"))
                return replay;
            await Task.Delay(Interval, cancellationToken);
        }
    }

    private static void Draw(ProgressTask bar, JsonElement replay)
    {
        var progress = replay.GetProperty("progress");
        var done = progress.GetProperty("done").GetInt64();
        if (progress.GetProperty("expected") is { ValueKind: JsonValueKind.Number } expected)
            (bar.MaxValue, bar.Value) = (Math.Max(1, expected.GetInt64()), done);
        var left = progress.GetProperty("secondsLeft") is { ValueKind: JsonValueKind.Number } seconds ? $", {TimeSpan.FromSeconds(seconds.GetInt64()):c} left" : "";
        bar.Description = string.Create(
            CultureInfo.InvariantCulture, $"{replay.GetProperty("state")}: {done:N0} customers, {progress.GetProperty("eventsPerSecond").GetInt64():N0} events/s, {replay.GetProperty("report").GetProperty("different").GetInt64():N0} different{left}");
    }
}
