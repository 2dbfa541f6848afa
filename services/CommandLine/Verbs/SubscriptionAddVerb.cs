using System.CommandLine;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging subscriptions add</c></summary>
internal static class SubscriptionAddVerb
{
    public static Verb Create(Surroundings surroundings)
    {
        var address = new Argument<string>("ADDRESS") { Description = "Where deliveries are sent: https, or http on the server's own machine" };
        var id = Text("--id", "ID", "Its name; made up where it is left out");
        var key = Several("--key", "KEY", "Only changes of this tag or segment; may be given several times, as the others below");
        var type = Several("--type", "TYPE", "Only changes of this type: tag.added, tag.changed, tag.removed, segment.entered, segment.exited");
        var cause = Several("--cause", "CAUSE", "Only changes with this cause: event, time, rulebook, replay, merge, erasure");
        var segment = Several("--segment", "KEY", "Only changes of this segment");
        var category = Several("--category", "CATEGORY", "Only changes of tags of this category: basic, behaviour, interest, value");
        var trait = Several("--trait", "NAME", "A trait of the customer that comes with every change");
        var shape = Text("--shape", "SHAPE", "cloudevents, or segment for calls of Segment's API");
        shape.AcceptOnlyFromAmong("cloudevents", "segment");
        var concurrency = Number("--concurrency", "How many requests may be under way at once: 1 to 64, otherwise 8");
        var batchSize = Number("--batch-size", "How many changes one request may carry: 1 to 100, otherwise 1");
        var timeout = Number("--timeout", "How many seconds an answer may take: 1 to 60, otherwise 15");
        var start = Text("--start", "POSITION", "From where on: now (otherwise), first, or a position of the feed");
        var secret = new Option<string?>("--secret-file") { Description = "A file with the secret to sign with; made up, and shown, where it is left out", HelpName = "FILE" };
        var unverified = new Option<bool>("--unverified") { Description = "Do not try first whether the address can be connected to" };
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var verb = new Verb("add", "Have changes delivered to an address. Shows the secret that deliveries are signed with, this once.",
            "tagging subscriptions add https://example.com/hooks/tags --id crm --segment win-back --trait email")
        {
            address, id, key, type, cause, segment, category, trait, shape, concurrency, batchSize, timeout, start, secret, unverified, url, apiKey,
        };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var asked = new
            {
                id = parsed.GetValue(id),
                address = parsed.GetRequiredValue(address),
                filter = new { key = parsed.GetValue(key), type = parsed.GetValue(type), cause = parsed.GetValue(cause), segment = parsed.GetValue(segment), category = parsed.GetValue(category) },
                traits = parsed.GetValue(trait),
                shape = parsed.GetValue(shape),
                concurrency = parsed.GetValue(concurrency),
                batchSize = parsed.GetValue(batchSize),
                timeoutSeconds = parsed.GetValue(timeout),
                start = parsed.GetValue(start),
                secret = await ReadAsync(parsed.GetValue(secret), cancellationToken),
                verify = !parsed.GetValue(unverified),
            };
            var added = await client.DoAsync(HttpMethod.Post, "api/subscriptions", asked, cancellationToken);
            surroundings.Output.WriteLine($"id      {added.GetProperty("id").GetString()}");
            surroundings.Output.WriteLine($"secret  {added.GetProperty("secret").GetString()}");
            return ExitCode.Ok;
        });
        return verb;
    }

    private static async Task<string?> ReadAsync(string? file, CancellationToken cancellationToken)
    {
        try
        {
            return file is null ? null : (await File.ReadAllTextAsync(file, cancellationToken)).Trim();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--secret-file: {unreadable.Message}", unreadable);
        }
    }

    private static Option<string?> Text(string name, string helpName, string description) => new(name) { Description = description, HelpName = helpName };

    private static Option<string[]> Several(string name, string helpName, string description) => new(name) { Description = description, HelpName = helpName };

    private static Option<int?> Number(string name, string description) => new(name) { Description = description, HelpName = "N" };
}
