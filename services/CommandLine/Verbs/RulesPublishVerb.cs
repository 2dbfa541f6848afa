using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using TaggingPipeline.CommandLine.Server;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging rules publish</c> and <c>tagging rules rollback</c></summary>
internal static class RulesPublishVerb
{
    public static Verb CreatePublish(Surroundings surroundings)
    {
        var file = SharedOptions.File("FILE", "Rulebook file");
        var message = Message();
        var author = Author(surroundings);
        var expected = Expected();
        var token = new Option<string?>("--token") { Description = "What a preview, or a refusal, gave: publish although much of a segment would change", HelpName = "TOKEN" };
        var yesReally = new Option<bool>("--yes-really") { Description = "Publish however much of a segment would change" };
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var verb = new Verb("publish", "Publish a rulebook: a new numbered version, in force in every process within a second.", "tagging rules publish shop.yaml --message \"Shorter window\"")
        {
            Remarks = """
                Writes the new version's number, and what differs from the one before. A rulebook that is in force already makes no new version. One that would change
                more than 20 % of a segment (the server's setting PublishGuardPercent) is refused without --token or --yes-really.
                """,
        };
        verb.Add(file);
        foreach (var option in (Option[])[message, author, expected, token, yesReally, url, apiKey])
            verb.Add(option);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            // It may look at all customers, after others: Ctrl+C ends it.
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings, Timeout.InfiniteTimeSpan);
            var path = parsed.GetRequiredValue(file);
            await Rulebooks.LoadAsync(path, cancellationToken); // its errors are told with the file's name
            var body = new { content = await File.ReadAllTextAsync(path, cancellationToken), author = parsed.GetValue(author), message = parsed.GetValue(message) ?? "" };
            Tell(await client.DoAsync(HttpMethod.Put, "api/rulebook" + QueryOf(parsed.GetValue(expected), parsed.GetValue(token), parsed.GetValue(yesReally)), body, cancellationToken), surroundings.Output);
            return ExitCode.Ok;
        });
        return verb;
    }

    public static Verb CreateRollback(Surroundings surroundings)
    {
        var number = new Argument<long>("NUMBER") { Description = "The version whose content to put in force again" };
        var message = Message();
        var author = Author(surroundings);
        var expected = Expected();
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var verb = new Verb("rollback", "Publish the content of an earlier version again, as a new version.", "tagging rules rollback 3 --message \"Too many left win-back\"")
        {
            Remarks = "Also in the middle of a roll-over: customers whom it has not reached yet stay as they are, and the others go back.",
        };
        verb.Add(number);
        foreach (var option in (Option[])[message, author, expected, url, apiKey])
            verb.Add(option);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var body = new { version = parsed.GetRequiredValue(number), author = parsed.GetValue(author), message = parsed.GetValue(message) ?? "" };
            Tell(await client.DoAsync(HttpMethod.Post, "api/rulebook/rollback" + QueryOf(parsed.GetValue(expected)), body, cancellationToken), surroundings.Output);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static void Tell(JsonElement publication, TextWriter output)
    {
        var version = publication.GetProperty("version");
        if (!publication.GetProperty("published").GetBoolean())
        {
            output.WriteLine($"nothing published: version {version.GetProperty("number")}, {version.GetProperty("version").GetString()}, is in force and says the same");
            return;
        }

        output.WriteLine($"published: version {version.GetProperty("number")}, {version.GetProperty("version").GetString()}");
        foreach (var difference in publication.GetProperty("differences").EnumerateArray())
            output.WriteLine($"  {difference.GetProperty("text").GetString()}");
        if (publication.TryGetProperty("note", out var note) && note.GetString() is { } told)
            output.WriteLine($"  {told}");
    }

    private static Option<string?> Message() => new("--message") { Description = "Why, for the history", HelpName = "TEXT" };

    private static Option<string> Author(Surroundings surroundings) => new("--author")
    {
        Description = "Who publishes it, for the history [USER]",
        HelpName = "NAME",
        DefaultValueFactory = _ => surroundings.Variable("USER") is { Length: > 0 } user ? user : "command line",
    };

    private static Option<long?> Expected() => new("--expected") { Description = "Publish only if this version is in force", HelpName = "NUMBER" };

    private static string QueryOf(long? expected, string? token = null, bool isConfirmed = false)
    {
        string?[] parts =
        [
            expected is { } number ? string.Create(CultureInfo.InvariantCulture, $"expected={number}") : null,
            token is null ? null : $"token={Uri.EscapeDataString(token)}",
            isConfirmed ? "confirmed=true" : null,
        ];
        return parts.Any(part => part is not null) ? $"?{string.Join('&', parts.OfType<string>())}" : "";
    }
}
