using System.Text;
using System.Text.Json;

namespace TaggingPipeline.CommandLine.Subscribing;

/// <summary>A change as one line.</summary>
internal static class ChangeText
{
    public const string Line = "line";
    public const string JsonLines = "jsonl";

    /// <param name="envelope">As it came.</param>
    public static string Write(string envelope, string format) => format == JsonLines ? envelope : Readable(envelope);

    private static string Readable(string envelope)
    {
        using var change = JsonDocument.Parse(envelope);
        var (root, data) = (change.RootElement, change.RootElement.GetProperty("data"));
        var text = new StringBuilder($"{root.GetProperty("time").GetString()}  {root.GetProperty("subject").GetString()}  {root.GetProperty("type").GetString()}  {data.GetProperty("key").GetString()}");
        var (previous, value) = (ValueOf(data, "previous"), ValueOf(data, "value"));
        if (previous is not null && value is not null)
            text.Append(" = ").Append(value).Append(" (was ").Append(previous).Append(')');
        else if ((value ?? previous) is { } held && held != "true")
            text.Append(value is null ? " (was " : " = ").Append(held).Append(value is null ? ")" : "");
        text.Append("  because of ").Append(root.GetProperty("cause").GetString());
        if (data.TryGetProperty("reason", out var reason) && reason.TryGetProperty("text", out var why))
            text.Append(": ").Append(why.GetString());

        // Whatever ids and values hold, a change is one line, and a terminal is told nothing by it.
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]))
                text[i] = ' ';
        }

        return text.ToString();
    }

    private static string? ValueOf(JsonElement data, string name) => data.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.ToString() switch
    {
        "True" => "true",
        "False" => "false",
        var other => other,
    }
        : null;
}
