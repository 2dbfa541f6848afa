using System.Collections.Immutable;
using System.Text;

namespace TaggingPipeline.CommandLine.Files;

internal enum FileFormat { Csv, Tsv, Whitespace, JsonLines }

/// <summary>How a file's text is cut into rows and columns.</summary>
internal sealed record FileLayout
{
    public required FileFormat Format { get; init; }

    /// <summary>The columns' names where the mapping gives them; default when the file's first line does.</summary>
    public ImmutableArray<string> ColumnNames { get; init; }

    /// <summary>The first line holds names, not a row.</summary>
    public required bool HasHeader { get; init; }

    public required char Delimiter { get; init; }

    /// <summary>Fields may stand in double quotes, and then hold delimiters and line ends.</summary>
    public required bool HasQuotes { get; init; }

    public Encoding Encoding { get; init; } = Encoding.UTF8;

    /// <summary>The formats by the name that a mapping gives them.</summary>
    public static IReadOnlyDictionary<string, FileFormat> Formats { get; } = new Dictionary<string, FileFormat>
    {
        ["csv"] = FileFormat.Csv,
        ["tsv"] = FileFormat.Tsv,
        ["whitespace"] = FileFormat.Whitespace,
        ["jsonl"] = FileFormat.JsonLines,
    };

    /// <summary>The format that a file's name speaks of, or null.</summary>
    public static FileFormat? FormatOf(string path)
    {
        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return Path.GetExtension(name).ToUpperInvariant() switch
        {
            ".CSV" => FileFormat.Csv,
            ".TSV" or ".TAB" => FileFormat.Tsv,
            ".TXT" => FileFormat.Whitespace,
            ".JSONL" or ".NDJSON" => FileFormat.JsonLines,
            _ => null,
        };
    }
}
