using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using NodaTime.Text;
using TaggingPipeline.CommandLine.Output;
using TaggingPipeline.CommandLine.Server;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging past</c></summary>
internal static class PastVerb
{
    private const string History = "history";
    private const string Journal = "journal";

    public static Verb Create(Surroundings surroundings)
    {
        var customer = new Argument<string?>("CUSTOMER") { Description = "The customer whose tags are asked for", Arity = ArgumentArity.ZeroOrOne };
        var segment = new Option<string?>("--segment") { Description = "The segment whose members are asked for, instead of a customer", HelpName = "KEY" };
        var at = SharedOptions.InstantOf("--at", "The instant");
        at.Required = true;
        var by = new Option<string>("--by") { Description = "As it was recorded then, or as the recorded events say today", DefaultValueFactory = _ => History };
        by.AcceptOnlyFromAmong(History, Journal);
        var verify = new Option<bool>("--verify") { Description = "List where the two differ, and nothing else" };
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var format = SharedOptions.Format(RowWriter.Table, RowWriter.Csv, RowWriter.JsonLines);
        var verb = new Verb("past", "Tell which tags a customer held, or who was in a segment, at an instant.", "tagging past 13047 --at 2026-11-01T00:00:00Z --verify")
        {
            Remarks = """
                With --verify it ends with 1 if anything differs, which it may rightly: events that came in later, and rules that were changed since, count in the
                journal's answer and not in the history's. docs/replay.md has more.
                """,
        };
        verb.Add(customer);
        foreach (var option in (Option[])[segment, at, by, verify, url, apiKey, format])
            verb.Add(option);
        verb.Validators.Add(result =>
        {
            if (result.GetValue(customer) is null == result.GetValue(segment) is null)
                result.AddError("CUSTOMER, --segment: give one of them");
        });
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var isVerified = parsed.GetValue(verify);
            var way = isVerified ? Journal : parsed.GetValue(by)!;
            var query = $"at={Uri.EscapeDataString(InstantPattern.ExtendedIso.Format(parsed.GetValue(at)!.Value))}&by={way}{(isVerified ? "&verify=true" : "")}";
            var writing = new Writing(parsed.GetValue(format)!, isVerified, surroundings);
            return parsed.GetValue(customer) is { } id
                ? await TellTagsAsync(client, id, query, writing, cancellationToken)
                : await TellMembersAsync(client, parsed.GetValue(segment)!, query, writing, cancellationToken);
        });
        return verb;
    }

    private static async Task<int> TellTagsAsync(ApiClient client, string customer, string query, Writing writing, CancellationToken cancellationToken)
    {
        var tags = await client.GetAsync($"api/customers/{Uri.EscapeDataString(customer)}/tags?{query}", cancellationToken)
            ?? throw new CommandException($"there is no customer `{customer}` at {client.Url}");
        if (SegmentsVerb.Field(tags, "late") is { IsMissing: false } late && late.AsNumber > 0)
            await writing.Surroundings.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"note: {late.AsNumber} events happened by then and arrived later"));
        if (writing.IsVerified)
            return Differences(tags, "key", writing);
        using var rows = writing.Rows("tag", "value", "since", "changes_at");
        foreach (var tag in tags.GetProperty("items").EnumerateArray())
            rows.Write(SegmentsVerb.Field(tag, "key"), SegmentsVerb.Field(tag, "value"), SegmentsVerb.Field(tag, "since"), SegmentsVerb.Field(tag, "changesAt"));
        return ExitCode.Ok;
    }

    private static async Task<int> TellMembersAsync(ApiClient client, string segment, string query, Writing writing, CancellationToken cancellationToken)
    {
        var differ = ExitCode.Ok;
        using var rows = writing.IsVerified ? writing.Rows("customer", "recorded", "recomputed") : writing.Rows("customer", "since");
        string? after = null;
        do
        {
            var next = after is null ? "" : $"&after={Uri.EscapeDataString(after)}";
            var page = await client.GetAsync($"{SegmentsVerb.PathOf(segment)}/members?{query}{next}", cancellationToken) ?? throw SegmentsVerb.Unknown(segment);
            foreach (var item in page.GetProperty(writing.IsVerified ? "differences" : "items").EnumerateArray())
            {
                if (writing.IsVerified)
                    rows.Write(SegmentsVerb.Field(item, "customer"), SegmentsVerb.Field(item, "recorded"), SegmentsVerb.Field(item, "recomputed"));
                else if (item.ValueKind == JsonValueKind.String)
                    rows.Write(Value.Of(item.GetString()!), Value.Missing); // since when is not known of what is made anew
                else
                    rows.Write(SegmentsVerb.Field(item, "customer"), SegmentsVerb.Field(item, "since"));
                differ = writing.IsVerified ? ExitCode.Failed : ExitCode.Ok;
            }

            after = page.GetProperty("next").GetString();
        }
        while (after is not null);
        return differ;
    }

    private static int Differences(JsonElement answer, string name, Writing writing)
    {
        using var rows = writing.Rows("tag", "recorded", "recomputed");
        var differences = answer.GetProperty("differences");
        foreach (var difference in differences.EnumerateArray())
            rows.Write(SegmentsVerb.Field(difference, name), SegmentsVerb.Field(difference, "recorded"), SegmentsVerb.Field(difference, "recomputed"));
        return differences.GetArrayLength() == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    private sealed record Writing(string Format, bool IsVerified, Surroundings Surroundings)
    {
        public RowWriter Rows(params string[] columns) => RowWriter.Create(Format, Surroundings.Output, columns);
    }
}
