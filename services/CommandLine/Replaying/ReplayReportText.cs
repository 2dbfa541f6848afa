using System.Globalization;
using System.Text;
using System.Text.Json;

namespace TaggingPipeline.CommandLine.Replaying;

/// <summary>What came of a replay, for a person to read.</summary>
internal static class ReplayReportText
{
    private const int MostSamples = 10;

    public static string Write(JsonElement replay, IReadOnlyCollection<JsonElement> differences)
    {
        var (report, progress) = (replay.GetProperty("report"), replay.GetProperty("progress"));
        var text = new StringBuilder();
        var isApplied = replay.GetProperty("apply").GetBoolean();
        text.Append(CultureInfo.InvariantCulture, $"{Text(replay, "id")} is {Text(replay, "state")}{(Text(replay, "failure") is { Length: > 0 } why ? $": {why}" : "")}\n");
        text.Append(CultureInfo.InvariantCulture, $"under {Text(replay, "rulebook")} as of {Text(replay, "asOf")}\n");
        text.Append(CultureInfo.InvariantCulture, $"read      {Number(report, "events")} events of {Number(report, "customers")} customers in {progress.GetProperty("workedSeconds").GetDouble():N1} s, {Number(progress, "eventsPerSecond")} events/s\n");
        text.Append(CultureInfo.InvariantCulture, $"same      {Number(report, "same")}\n");
        text.Append(CultureInfo.InvariantCulture, $"different {Number(report, "different")}{(isApplied ? $", {Number(report, "written")} written" : ", nothing written")}\n");
        AppendIfAny(text, report, "withoutDocument", "of these have events and no document");
        AppendIfAny(text, report, "withoutEvents", "have a document and no events: left as they are");
        AppendIfAny(text, report, "leftForLater", "left for later");
        foreach (var left in report.GetProperty("left").EnumerateArray().Take(MostSamples))
            text.Append(CultureInfo.InvariantCulture, $"  {Text(left, "customer")}: {Text(left, "reason")}\n");
        foreach (var tag in report.GetProperty("tags").EnumerateArray())
            text.Append(CultureInfo.InvariantCulture, $"tag {Text(tag, "key")}: {Number(tag, "gained")} gained, {Number(tag, "lost")} lost, {Number(tag, "changed")} changed\n");
        foreach (var difference in differences.Take(MostSamples))
            text.Append(CultureInfo.InvariantCulture, $"  {Text(difference, "customer")}: {Describe(difference)}\n");
        if (differences.Count > MostSamples)
            text.Append(CultureInfo.InvariantCulture, $"  and more: tagging replay differences {Text(replay, "id")}\n");
        var digests = report.GetProperty("digests");
        text.Append(CultureInfo.InvariantCulture, $"digest    {Text(digests, "replayed")} replayed\n          {Text(digests, "live")} {(isApplied ? "before" : "live")}{(digests.GetProperty("equal").GetBoolean() ? ", equal" : "")}\n");
        return text.ToString();
    }

    private static string Describe(JsonElement difference)
    {
        if (!difference.GetProperty("hasDocument").GetBoolean())
            return "has no document";
        var tags = difference.GetProperty("tags").EnumerateArray().Select(tag => $"{Text(tag, "key")} {Value(tag, "live")} → {Value(tag, "replayed")}");
        return string.Join(", ", difference.GetProperty("facts").GetBoolean() ? tags.Append("facts differ") : tags);
    }

    private static void AppendIfAny(StringBuilder text, JsonElement report, string name, string what)
    {
        if (report.GetProperty(name).GetInt64() > 0)
            text.Append(CultureInfo.InvariantCulture, $"          {Number(report, name)} {what}\n");
    }

    private static string Value(JsonElement tag, string name) => tag.GetProperty(name) is { ValueKind: not JsonValueKind.Null } value ? value.ToString() : "none";

    private static string Number(JsonElement element, string name) => element.GetProperty(name).GetInt64().ToString("N0", CultureInfo.InvariantCulture);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).ToString();
}
