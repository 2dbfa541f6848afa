using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using TaggingPipeline.CommandLine.Server;

namespace TaggingPipeline.CommandLine.Replaying;

/// <summary>Customers after one id and up to another; null for no bound.</summary>
internal readonly record struct DigestRange(string? After, string? Until);

/// <summary>Finds the customers in whom two servers differ, range by range.</summary>
/// <param name="asOf">The instant as of which both are read.</param>
internal sealed class DigestComparison(ApiClient one, ApiClient other, string asOf)
{
    private const string Path = "api/digest";
    private const int Parts = 64;

    /// <summary>A range with no more customers than this is compared customer by customer.</summary>
    private const int MostSingle = 1_000;

    public static bool AreEqual(JsonElement left, JsonElement right) =>
        left.GetProperty("digest").GetString() == right.GetProperty("digest").GetString() && left.GetProperty("customers").GetInt64() == right.GetProperty("customers").GetInt64();

    /// <param name="asOf">Null for now.</param>
    /// <exception cref="CommandException">It is no server of this version, or cannot be reached.</exception>
    public static async Task<JsonElement> ReadAsync(ApiClient client, DigestRange range, string? asOf, int parts, CancellationToken cancellationToken)
    {
        var query = string.Create(CultureInfo.InvariantCulture, $"{Path}?parts={parts}{Parameter("after", range.After)}{Parameter("until", range.Until)}{Parameter("at", asOf)}");
        return await client.GetAsync(query, cancellationToken) ?? throw new CommandException($"{client.Url} gives no digests: is it a tagging server of this version?");
    }

    public Task<JsonElement> ReadOtherAsync(DigestRange range, CancellationToken cancellationToken) => ReadAsync(other, range, asOf, 1, cancellationToken);

    /// <summary>A line for each customer who differs, in the order of their ids.</summary>
    public async IAsyncEnumerable<string> DifferencesAsync(DigestRange range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var mine = await ReadAsync(one, range, asOf, Parts, cancellationToken);
        var parts = mine.GetProperty("parts").EnumerateArray().ToArray();
        var theirs = await other.DoAsync(HttpMethod.Post, Path, new
        {
            after = range.After,
            until = range.Until,
            at = asOf,
            boundaries = parts.SkipLast(1).Select(part => part.GetProperty("until").GetString()),
        }, cancellationToken);
        if (mine.GetProperty("customers").GetInt64() <= MostSingle && theirs.GetProperty("customers").GetInt64() <= MostSingle)
        {
            await foreach (var line in SingleAsync(range, cancellationToken))
                yield return line;
            yield break;
        }

        if (parts.Length <= 1)
            throw new CommandException($"{other.Url} has customers of whom {one.Url} knows nothing, more than can be compared one by one between two ids: compare the other way round");
        foreach (var (my, their) in parts.Zip(theirs.GetProperty("parts").EnumerateArray()))
        {
            if (AreEqual(my, their))
                continue;
            await foreach (var line in DifferencesAsync(new(my.GetProperty("after").GetString(), their.GetProperty("until").GetString()), cancellationToken))
                yield return line;
        }
    }

    private async IAsyncEnumerable<string> SingleAsync(DigestRange range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (mine, theirs) = (await EachAsync(one), await EachAsync(other));
        foreach (var customer in mine.Keys.Union(theirs.Keys).Order(StringComparer.Ordinal))
        {
            var (my, their) = (mine.GetValueOrDefault(customer), theirs.GetValueOrDefault(customer));
            if (my != their)
                yield return $"{customer}: {my ?? "not there"} {their ?? "not there"}";
        }

        async Task<Dictionary<string, string>> EachAsync(ApiClient client)
        {
            var reading = await ReadAsync(client, range, asOf, MostSingle, cancellationToken);
            return reading.GetProperty("parts").EnumerateArray().Where(part => part.GetProperty("customers").GetInt64() > 0)
                .ToDictionary(part => part.GetProperty("last").GetString()!, part => part.GetProperty("digest").GetString()!, StringComparer.Ordinal);
        }
    }

    private static string Parameter(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";
}
