using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.CommandLine.Output;

/// <summary>What a check of a rulebook found, as one line of JSON for editors and other programs.</summary>
/// <remarks>
/// Lines and columns count from 1, columns in UTF-16 units; the end is right after the last character. A range whose end is its start marks where something is
/// missing. The names are part of the command's interface: docs/rule-tests.md.
/// </remarks>
internal static class CheckJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(string file, RulebookCompilation checkedFile)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("file", file);
            writer.WriteBoolean("ok", checkedFile.Rulebook is not null);
            writer.WriteString("version", checkedFile.Rulebook?.Version);
            writer.WriteStartArray("errors");
            foreach (var error in checkedFile.Errors)
                Write(writer, error);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, RulebookError error)
    {
        writer.WriteStartObject();
        writer.WriteString("where", error.Where);
        writer.WriteString("message", error.Message);
        writer.WriteStartObject("range");
        Write(writer, "start", error.At);
        Write(writer, "end", error.End);
        writer.WriteEndObject();
        if (Suggestions.In(error.Message) is { } suggestion)
            writer.WriteString("suggestion", suggestion);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, SourcePosition position)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("line", position.Line);
        writer.WriteNumber("column", position.Column);
        writer.WriteEndObject();
    }
}
