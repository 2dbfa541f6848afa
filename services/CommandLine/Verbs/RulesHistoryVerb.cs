using System.CommandLine;
using System.Globalization;
using TaggingPipeline.CommandLine.Files;
using TaggingPipeline.CommandLine.Output;
using TaggingPipeline.CommandLine.Server;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Differences;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging rules history</c> and <c>tagging rules diff</c></summary>
internal static class RulesHistoryVerb
{
    public static Verb CreateHistory(Surroundings surroundings)
    {
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var format = SharedOptions.Format(RowWriter.Table, RowWriter.Csv, RowWriter.JsonLines);
        var verb = new Verb("history", "List the versions of the rulebook that were published, the latest first.", "tagging rules history");
        foreach (var option in (Option[])[url, apiKey, format])
            verb.Add(option);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            string[] columns = ["number", "version", "author", "source", "publishedAt", "message"];
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            using var rows = RowWriter.Create(parsed.GetValue(format)!, surroundings.Output, columns);
            await foreach (var version in client.ListAsync("api/rulebook/versions?limit=1000", cancellationToken))
                rows.Write([.. columns.Select(column => ValueJson.Read(version.GetProperty(column)))]);
            return ExitCode.Ok;
        });
        return verb;
    }

    public static Verb CreateDiff(Surroundings surroundings)
    {
        var before = new Argument<string>("BEFORE") { Description = "Number of a published version, or a rulebook file" };
        var after = new Argument<string>("AFTER") { Description = "Number of a published version, or a rulebook file" };
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var verb = new Verb("diff", "Tell in words what differs between two rulebooks.", "tagging rules diff 3 shop.yaml")
        {
            Remarks = "A line for each difference, such as `churn-risk: window 60d → 45d`. Of two files it needs no server.",
        };
        verb.Add(before);
        verb.Add(after);
        verb.Add(url);
        verb.Add(apiKey);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var differences = RulebookDifferences.Between(
                await ReadAsync(parsed.GetRequiredValue(before), client, cancellationToken), await ReadAsync(parsed.GetRequiredValue(after), client, cancellationToken));
            foreach (var difference in differences)
                surroundings.Output.WriteLine(difference.Text);
            if (differences.IsEmpty)
                surroundings.Error.WriteLine("They say the same.");
            return ExitCode.Ok;
        });
        return verb;
    }

    /// <exception cref="CommandException">There is no such version or file, or it has errors.</exception>
    private static async Task<RulebookDefinition> ReadAsync(string which, ApiClient client, CancellationToken cancellationToken)
    {
        string content;
        if (long.TryParse(which, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            var version = await client.GetAsync($"api/rulebook/versions/{number}", cancellationToken) ?? throw new CommandException($"no version of the rulebook has the number `{number}`");
            content = version.GetProperty("content").GetString()!;
        }
        else
        {
            await Rulebooks.LoadAsync(which, cancellationToken); // all its errors are told
            content = await File.ReadAllTextAsync(which, cancellationToken);
        }

        return RulebookFile.Parse(content).Definition ?? throw new CommandException($"{which} cannot be read by this version of the command");
    }
}
