using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using NodaTime.Text;
using TaggingPipeline.CommandLine.Replaying;
using TaggingPipeline.CommandLine.Server;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging digest</c></summary>
internal static class DigestVerb
{
    public static Verb Create(Surroundings surroundings)
    {
        var against = new Option<string?>("--against") { Description = "Another server: compare, and name the customers who differ", HelpName = "URL" };
        var againstKey = new Option<string?>("--against-api-key") { Description = "Its key for /api, where it is another", HelpName = "KEY" };
        var after = new Option<string?>("--after") { Description = "Only customers after this id", HelpName = "ID" };
        var until = new Option<string?>("--until") { Description = "Only customers up to this id", HelpName = "ID" };
        var at = SharedOptions.InstantOf("--at", "As of this instant; as of now, by the server's clock, where it is left out");
        var most = new Option<int>("--most") { Description = "Name at most so many customers", HelpName = "N", DefaultValueFactory = _ => 20 };
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var verb = new Verb("digest", "One number for all customers: facts, tags with their reasons, and next changes.", "tagging digest --against https://standby.example")
        {
            Remarks = """
                Equal numbers, equal customers. With --against it ends with 1 if the servers differ, and says in whom. While events arrive, the numbers are of
                different moments: compare when both rest, or take what differs for what has yet to arrive.
                """,
        };
        foreach (var option in (Option[])[against, againstKey, after, until, at, most, url, apiKey])
            verb.Add(option);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var range = new DigestRange(parsed.GetValue(after), parsed.GetValue(until));
            var asOf = parsed.GetValue(at) is { } instant ? InstantPattern.ExtendedIso.Format(instant) : null;
            var digest = await DigestComparison.ReadAsync(client, range, asOf, parts: 1, cancellationToken);
            await surroundings.Output.WriteLineAsync(Describe(digest));
            if (parsed.GetValue(against) is not { } other)
                return ExitCode.Ok;
            if (!Uri.TryCreate(other.EndsWith('/') ? other : other + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
                throw new CommandException($"--against: `{other}` is not an http or https address");
            using var second = new ApiClient(address, parsed.GetValue(againstKey) ?? client.ApiKey, surroundings.Patience);
            var comparison = new DigestComparison(client, second, digest.GetProperty("asOf").GetString()!);
            return await TellAsync(comparison, digest, range, parsed.GetValue(most), surroundings, cancellationToken);
        });
        return verb;
    }

    private static async Task<int> TellAsync(
        DigestComparison comparison, JsonElement digest, DigestRange range, int most, Surroundings surroundings, CancellationToken cancellationToken)
    {
        var other = await comparison.ReadOtherAsync(range, cancellationToken);
        await surroundings.Output.WriteLineAsync(Describe(other));
        if (digest.GetProperty("rulebook").GetString() is var rulebook && rulebook != other.GetProperty("rulebook").GetString())
            throw new CommandException($"they cannot be compared: one has {rulebook} in force, the other {other.GetProperty("rulebook")}");
        if (DigestComparison.AreEqual(digest, other))
        {
            await surroundings.Output.WriteLineAsync("equal");
            return ExitCode.Ok;
        }

        var told = 0;
        await foreach (var customer in comparison.DifferencesAsync(range, cancellationToken))
        {
            if (told++ == most)
            {
                await surroundings.Output.WriteLineAsync("and more");
                break;
            }

            await surroundings.Output.WriteLineAsync(customer);
        }

        return ExitCode.Failed;
    }

    private static string Describe(JsonElement digest)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{digest.GetProperty("digest")} {digest.GetProperty("customers")} customers as of {digest.GetProperty("asOf")} under {digest.GetProperty("rulebook")}");
        foreach (var (name, what) in new[] { ("decidedLater", "were decided for a later instant, and count as of that"), ("unreadable", "have yet to come under the rulebook, and do not count") })
        {
            if (digest.GetProperty(name).GetInt64() is var count and > 0)
                text += string.Create(CultureInfo.InvariantCulture, $"; {count} {what}");
        }

        return text;
    }
}
