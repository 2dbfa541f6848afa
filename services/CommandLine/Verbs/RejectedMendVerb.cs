using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging rejected preview</c> and <c>tagging rejected resubmit</c></summary>
internal static class RejectedMendVerb
{
    private const string Text = "text";
    private const string Json = "json";
    private const int MostAtOnce = 10_000;

    private static readonly string[] Counts = ["selected", "accepted", "events", "rejected", "failed", "newRejections"];

    public static Verb Create(string name, string description, string example, Surroundings surroundings)
    {
        var (ids, code, pattern, all) = (RejectedVerb.Ids(), RejectedVerb.Code(), RejectedVerb.Pattern(), RejectedVerb.All());
        var steps = new StepOptions();
        var limit = new Option<int?>("--limit") { Description = $"How many at most: 1 to {MostAtOnce}; as many as there are where it is left out", HelpName = "N" };
        limit.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var given) || given is < 1 or > MostAtOnce))
                result.AddError($"--limit: expected 1 to {MostAtOnce}");
        });
        var sample = new Option<int>("--sample") { Description = "How many are shown of those that are accepted, and of those that are not", HelpName = "N", DefaultValueFactory = _ => 3 };
        var (url, apiKey, format) = (SharedOptions.Url(surroundings), SharedOptions.ApiKey(), SharedOptions.Format(Text, Json));
        var verb = new Verb(name, description, example) { ids, code, pattern, all };
        steps.AddTo(verb);
        foreach (var option in (Option[])[limit, sample, url, apiKey, format])
            verb.Add(option);
        RejectedVerb.RequireChoice(verb, ids, code, pattern, all);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var pages = new List<JsonElement>();
            string? after = null;
            do
            {
                var asked = new
                {
                    ids = parsed.GetValue(ids) is { Length: > 0 } named ? named : null,
                    code = parsed.GetValue(code),
                    pattern = parsed.GetValue(pattern),
                    all = parsed.GetValue(all) ? true : (bool?)null,
                    limit = parsed.GetValue(limit),
                    sample = pages.Count == 0 ? parsed.GetValue(sample) : 0,
                    after,
                    steps = StepOptions.Read(parsed),
                };
                var page = await client.DoAsync(HttpMethod.Post, $"api/rejected/{name}", asked, cancellationToken);
                pages.Add(page);
                if (parsed.GetValue(format) == Json)
                    await surroundings.Output.WriteLineAsync(page.GetRawText());
                after = page.GetProperty("next").GetString();
            }
            while (after is not null && parsed.GetValue(limit) is null);
            if (parsed.GetValue(format) == Text)
                Write(pages, after is not null, surroundings.Output);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static void Write(List<JsonElement> pages, bool areMore, TextWriter output)
    {
        foreach (var item in pages[0].GetProperty("items").EnumerateArray())
            WriteItem(item, output);
        foreach (var step in pages.SelectMany(page => page.GetProperty("steps").EnumerateArray()).GroupBy(step => step.GetProperty("step").GetString()))
            output.WriteLine($"{step.Key}: applied to {step.Sum(Of("applied"))}, not to {step.Sum(Of("notApplied"))}");
        foreach (var reason in pages.SelectMany(page => page.GetProperty("reasons").EnumerateArray())
            .GroupBy(reason => (reason.GetProperty("code").GetString(), reason.GetProperty("pattern").GetString())))
        {
            output.WriteLine($"{reason.Sum(Of("count"))} × {reason.Key.Item1}: {reason.First().GetProperty("reason").GetString()}");
        }

        output.WriteLine(string.Join(", ", Counts.Select(name => $"{name} {pages.Sum(Of(name))}")));
        if (areMore)
            output.WriteLine("there are more: --limit ended it here");
    }

    private static void WriteItem(JsonElement item, TextWriter output)
    {
        output.WriteLine($"{item.GetProperty("id").GetString()}  {item.GetProperty("outcome").GetString()}");
        if (item.GetProperty("reason").GetString() is { } reason)
            output.WriteLine($"  {item.GetProperty("code").GetString()}: {reason}");
        foreach (var step in item.GetProperty("notApplied").EnumerateArray())
            output.WriteLine($"  {step.GetString()}");
        foreach (var name in (string[])["before", "after"])
        {
            if (item.GetProperty(name) is { ValueKind: not JsonValueKind.Null } shown)
                output.WriteLine($"  {name,-6}  {(shown.ValueKind == JsonValueKind.String ? shown.GetString() : shown.GetRawText())}");
        }

        output.WriteLine();
    }

    private static Func<JsonElement, long> Of(string name) => element => element.GetProperty(name).GetInt64();
}
