using System.CommandLine;
using System.Text.Json;
using TaggingPipeline.CommandLine.Output;
using TaggingPipeline.CommandLine.Server;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging population</c></summary>
internal static class PopulationVerb
{
    public static Verb Create(Surroundings surroundings)
    {
        var take = new Option<bool>("--take") { Description = "Take a snapshot now, before the next is due" };
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var format = SharedOptions.Format(RowWriter.Table, RowWriter.Csv, RowWriter.JsonLines);
        var verb = new Verb("population", "Show what customers are scored by: the snapshot of the population in force.", "tagging population --take")
        {
            Remarks = """
                Writes a row for each number that the rulebook scores by quintile or percentile: for how many customers it is one, and the cuts at 20, 40, 60 and
                80 %. After a large import take a snapshot: the one in force may be of the first customers only.
                """,
        };
        verb.Add(take);
        verb.Add(url);
        verb.Add(apiKey);
        verb.Add(format);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            Write(await SnapshotAsync(client, parsed.GetValue(take), cancellationToken), parsed.GetValue(format)!, surroundings.Output);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static async Task<JsonElement> SnapshotAsync(ApiClient client, bool take, CancellationToken cancellationToken)
    {
        const string Path = "api/population";
        if (take)
            return await client.PostAsync(Path, cancellationToken) ?? throw NoServer(client);
        var population = await client.GetAsync(Path, cancellationToken) ?? throw NoServer(client);
        var snapshot = population.GetProperty("snapshot");
        if (snapshot.ValueKind != JsonValueKind.Null)
            return snapshot;
        throw new CommandException(population.GetProperty("scored").GetArrayLength() == 0
            ? "the rulebook in force scores nothing against the population"
            : "there is no snapshot of the population yet: one is taken once there is anybody to count");
    }

    private static void Write(JsonElement snapshot, string format, TextWriter output)
    {
        using var rows = RowWriter.Create(format, output, "snapshot", "taken_at", "argument", "customers", "20%", "40%", "60%", "80%");
        foreach (var argument in snapshot.GetProperty("arguments").EnumerateArray())
        {
            var cuts = argument.GetProperty("quintiles").EnumerateArray().Select(ValueJson.Read).ToArray();
            Value CutAt(int place) => place < cuts.Length ? cuts[place] : Value.Missing;
            rows.Write(
                ValueJson.Read(snapshot.GetProperty("number")), ValueJson.Read(snapshot.GetProperty("takenAt")), ValueJson.Read(argument.GetProperty("argument")),
                ValueJson.Read(argument.GetProperty("customers")), CutAt(0), CutAt(1), CutAt(2), CutAt(3));
        }
    }

    private static CommandException NoServer(ApiClient client) => new($"{client.Url} knows of no population: is it a tagging server of this version?");
}
