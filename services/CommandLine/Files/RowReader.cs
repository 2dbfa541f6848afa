using System.Globalization;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;

namespace TaggingPipeline.CommandLine.Files;

/// <summary>Cuts a file's text into rows, one at a time.</summary>
internal static class RowReader
{
    /// <summary>A field longer than this is a quote that was never closed.</summary>
    private const int MaxFieldLength = 1 << 20;

    private static readonly char[] Blanks = [' ', '\t'];

    /// <param name="choose">
    /// Given the file's column names, says for each cell of a row which column it comes from. Called once, before the first row; not called for
    /// JSON lines, which have no header.
    /// </param>
    /// <exception cref="CommandException">The file is not of this layout at all.</exception>
    public static IEnumerable<Row> Read(TextReader text, FileLayout layout, Func<IReadOnlyList<string>, int[]> choose) => layout.Format switch
    {
        FileFormat.Whitespace => FromRecords(WhitespaceRecords(text), layout, choose),
        _ => FromRecords(DelimitedRecords(text, layout), layout, choose),
    };

    /// <summary>One JSON value a line; blank lines are passed over.</summary>
    public static IEnumerable<Row> ReadJsonLines(TextReader text)
    {
        long line = 0;
        while (text.ReadLine() is { } content)
        {
            line++;
            if (!string.IsNullOrWhiteSpace(content))
                yield return ParseJson(line, content);
        }
    }

    private static Row ParseJson(long line, string content)
    {
        if (content.Contains('\uFFFD', StringComparison.Ordinal))
            return Row.Unreadable(line, "is not valid UTF-8");
        try
        {
            using var document = JsonDocument.Parse(content);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new(line, [], document.RootElement.Clone(), null)
                : Row.Unreadable(line, "is not a JSON object");
        }
        catch (JsonException failure)
        {
            return Row.Unreadable(line, $"is not JSON (at character {failure.BytePositionInLine + 1})");
        }
    }

    private static IEnumerable<Row> FromRecords(IEnumerable<RawRecord> records, FileLayout layout, Func<IReadOnlyList<string>, int[]> choose)
    {
        var names = layout.ColumnNames.IsDefault ? null : layout.ColumnNames.ToArray();
        var isHeader = layout.HasHeader;
        int[]? chosen = null;
        foreach (var (line, fields, isMalformed) in records)
        {
            if (isHeader)
            {
                isHeader = false;
                names ??= Array.ConvertAll(fields, field => field.Trim());
                continue;
            }

            chosen ??= choose(names!);
            if (isMalformed)
                yield return Row.Unreadable(line, "has a quote in the wrong place");
            else if (fields.Length != names!.Length)
                yield return Row.Unreadable(line, $"has {fields.Length} columns where {names.Length} are expected");
            else
                yield return WithCells(line, fields, chosen);
        }

        // A file without rows still has its column names checked.
        if (chosen is null && names is not null)
            choose(names);
    }

    private static Row WithCells(long line, string[] fields, int[] chosen)
    {
        var cells = new string[chosen.Length];
        for (var i = 0; i < chosen.Length; i++)
        {
            cells[i] = fields[chosen[i]];
            if (cells[i].Contains('\uFFFD', StringComparison.Ordinal))
                return Row.Unreadable(line, "is not valid UTF-8 (if the file is in Latin-1, the mapping can say `encoding: latin1`)");
        }

        return new(line, cells, default, null);
    }

    private static IEnumerable<RawRecord> WhitespaceRecords(TextReader text)
    {
        long line = 0;
        while (text.ReadLine() is { } content)
        {
            line++;
            var fields = content.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 0)
                yield return new(line, fields, IsMalformed: false);
        }
    }

    private static IEnumerable<RawRecord> DelimitedRecords(TextReader text, FileLayout layout)
    {
        var isMalformed = false;
        using var parser = new CsvParser(text, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = layout.Delimiter.ToString(),
            Mode = layout.HasQuotes ? CsvMode.RFC4180 : CsvMode.NoEscape,
            IgnoreBlankLines = false,
            MaxFieldSize = MaxFieldLength,
            BadDataFound = _ => isMalformed = true,
        });
        long lastLine = 0;
        while (ReadNext(parser, lastLine + 1))
        {
            isMalformed = false;
            var firstLine = lastLine + 1;
            lastLine = parser.RawRow;
            var fields = parser.Record!;
            if (fields is not [] and not [""])
                yield return new(firstLine, fields, isMalformed);
        }
    }

    private static bool ReadNext(CsvParser parser, long line)
    {
        try
        {
            return parser.Read();
        }
        catch (MaxFieldSizeException failure)
        {
            throw new CommandException($"line {line}: a field is longer than a million characters; is a quote not closed?", failure);
        }
    }

    private readonly record struct RawRecord(long Line, string[] Fields, bool IsMalformed);
}
