using TaggingPipeline.Domain.Rules.Language;
using YamlDotNet.Core;

namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>Formats an expression within the YAML value that holds it.</summary>
internal static class ScalarFormat
{
    /// <summary>What changes between two offsets of the file. A value with escapes that are not followed here stays as it is.</summary>
    public static void AddEdits(string text, int start, int end, ScalarStyle style, List<Edit> edits)
    {
        if (style is ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted)
            (start, end) = (start + 1, end - 1);
        var written = text[start..end];
        if (Read(written, style) is not { } expression || Write(ExpressionText.Format(expression.TrimEnd()), style) is not { } formatted)
            return;
        var isTrimmed = written.TrimEnd();
        var rest = written[isTrimmed.Length..];
        if (rest.Contains('\n', StringComparison.Ordinal))
            formatted += rest;
        if (formatted != written)
            edits.Add(new(start, end, formatted));
    }

    private static string? Read(string written, ScalarStyle style) => style switch
    {
        ScalarStyle.SingleQuoted => written.Replace("''", "'", StringComparison.Ordinal),
        ScalarStyle.DoubleQuoted => Unescape(written),
        _ => written,
    };

    private static string Write(string expression, ScalarStyle style) => style switch
    {
        ScalarStyle.SingleQuoted => expression.Replace("'", "''", StringComparison.Ordinal),
        ScalarStyle.DoubleQuoted => expression.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal),
        _ => expression,
    };

    private static string? Unescape(string written)
    {
        var parts = written.Split("\\\\");
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = parts[i].Replace("\\\"", "\"", StringComparison.Ordinal);
            if (parts[i].Contains('\\', StringComparison.Ordinal))
                return null;
        }

        return string.Join('\\', parts);
    }
}
