using System.CommandLine;
using System.Globalization;
using TaggingPipeline.CommandLine.Import;
using TaggingPipeline.CommandLine.Subscribing;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging subscribe</c></summary>
internal static class SubscribeVerb
{
    private static readonly (string Name, string Description)[] Filters =
    [
        ("key", "Only changes of these tags or segments"),
        ("type", "Only changes of these types: tag.added, tag.changed, tag.removed, segment.entered, segment.exited"),
        ("cause", "Only changes with these causes: event, time, rulebook, replay, merge, erasure"),
        ("segment", "Only changes of these segments"),
        ("category", "Only changes of tags of these categories"),
        ("customer", "Only changes of this customer"),
    ];

    public static Verb Create(Surroundings surroundings, RetrySchedule retries)
    {
        var filters = Filters.Select(filter => new Option<string?>($"--{filter.Name}") { Description = filter.Description, HelpName = filter.Name.ToUpperInvariant() }).ToArray();
        var after = PositionOption();
        var state = new Option<string?>("--state") { Description = "Keep in this file how far was read, and go on from there", HelpName = "FILE" };
        var count = new Option<int?>("--count") { Description = "End after so many changes", HelpName = "N" };
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var format = SharedOptions.Format(ChangeText.Line, ChangeText.JsonLines);
        var verb = new Verb("subscribe", "Show changes as they happen.", "tagging subscribe --segment win-back --state win-back.position --format jsonl")
        {
            Remarks = """
                Filters take several values, separated by commas. Without --after, and without a file of --state that is there, it starts from now. It connects again whenever
                the connection breaks, and misses nothing meanwhile. The file is written at most once a second: after a crash the last changes come again, with the same ids.
                """,
        };
        foreach (var filter in filters)
            verb.Add(filter);
        verb.Add(after);
        verb.Add(state);
        verb.Add(count);
        verb.Add(url);
        verb.Add(apiKey);
        verb.Add(format);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var query = filters.Where(filter => parsed.GetValue(filter) is not null).Select(filter => $"{filter.Name[2..]}={Uri.EscapeDataString(parsed.GetValue(filter)!)}");
            var progress = await StreamProgress.OpenAsync(parsed.GetValue(state), parsed.GetValue(after), surroundings.Clock, cancellationToken);
            var subscriber = new Subscriber(client, retries, surroundings, text => ChangeText.Write(text, parsed.GetValue(format)!));
            await subscriber.RunAsync($"api/changes/stream?{string.Join('&', query)}", progress, parsed.GetValue(count), cancellationToken);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static Option<string?> PositionOption() => new("--after")
    {
        Description = "Start behind this position in the feed; 0 for all there ever was",
        HelpName = "POSITION",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [var given] && !long.TryParse(given.Value, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                    result.AddError($"--after: `{given.Value}` is not a position");
            },
        },
    };
}
