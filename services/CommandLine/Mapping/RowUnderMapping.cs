using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using TaggingPipeline.CommandLine.Files;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.CommandLine.Mapping;

/// <summary>One row while it becomes an event: what its columns hold, and the first thing found wrong with it.</summary>
internal sealed class RowUnderMapping(Row row, ImmutableArray<ColumnUse> columns)
{
    /// <summary>Why no event can be made of the row; null while nothing is wrong.</summary>
    public string? Problem { get; private set; } = row.Problem;

    /// <summary>Notes what is wrong; the first problem stands.</summary>
    public void Fail(string problem) => Problem ??= problem;

    /// <summary>What a column holds; empty text where it holds nothing.</summary>
    public string Text(int column)
    {
        if (row.Document.ValueKind == JsonValueKind.Undefined)
            return column < row.Cells.Length ? row.Cells[column] : "";
        var found = Find(columns[column]);
        switch (found.ValueKind)
        {
            case JsonValueKind.String:
                return Unescaped(found, columns[column].Name);
            case JsonValueKind.Object or JsonValueKind.Array:
                Fail($"{columns[column].Name} is not a single value (`copy` takes lists and objects over)");
                return "";
            case JsonValueKind.Undefined or JsonValueKind.Null:
                return "";
            default:
                return found.GetRawText();
        }
    }

    /// <summary>The number in a column; null where it holds nothing, or no number, which is a problem.</summary>
    public decimal? Number(int column)
    {
        var text = Text(column).AsSpan().Trim();
        if (text.IsEmpty)
            return null;
        if (Value.TryParseNumber(text, out var number))
            return number;
        Fail($"{columns[column].Name} is not a number: {Shortened(text)}");
        return null;
    }

    /// <summary>The JSON value in a column, lists and objects included; missing where there is none.</summary>
    public JsonElement Json(int column) => Find(columns[column]);

    public static string Shortened(ReadOnlySpan<char> text) => text.Length <= 60 ? $"`{text}`" : $"`{text[..60]}…`";

    private string Unescaped(JsonElement text, string name)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            Fail($"{name} is not valid Unicode");
            return "";
        }
    }

    private JsonElement Find(ColumnUse column)
    {
        var found = row.Document;
        foreach (var part in column.Path)
        {
            if (found.ValueKind == JsonValueKind.Object && found.TryGetProperty(part, out var member))
                found = member;
            else if (found.ValueKind == JsonValueKind.Array && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var position)
                && position < found.GetArrayLength())
                found = found[position];
            else
                return default;
        }

        return found;
    }
}
