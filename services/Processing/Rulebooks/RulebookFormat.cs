using System.Collections.Immutable;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>Brings rulebook files into one form: two blanks for each level, expressions with their blanks in order.</summary>
/// <remarks>
/// Line by line: every line stays a line and every comment a comment, only blanks and empty lines come and go. Idempotent. What was written is read again, and where it
/// should say anything else than before, the file is refused rather than spoilt.
/// </remarks>
public static class RulebookFormat
{
    /// <summary>The formatted text; or null, and why the file is left alone: all its errors.</summary>
    public static (string? Text, ImmutableArray<RulebookError> Errors) Format(string yaml)
    {
        var compiled = RulebookFile.Compile(yaml);
        if (compiled.Rulebook is null)
            return (null, compiled.Errors);
        var text = yaml.TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        var formatted = LayoutReader.Read(text) is { } layout ? Write(text, layout) : null;
        return formatted is not null && SaysTheSame(text, formatted)
            ? (formatted, [])
            : (null, [new(new(1, 1), "file", "this file uses a form of YAML that is not formatted, such as `?` before a key")]);
    }

    private static string Write(string text, Layout layout)
    {
        foreach (var edit in layout.Edits.OrderByDescending(edit => edit.Start))
            text = string.Concat(text.AsSpan(0, edit.Start), edit.Text, text.AsSpan(edit.End));
        var lines = text.Split('\n');
        var written = new List<string>(lines.Length);
        for (var i = 0; i < lines.Length; i++)
        {
            var line = Moved(lines[i], layout.Lines[i]);
            if (!layout.Lines[i].IsKept)
                line = line.TrimEnd(' ', '\t');
            if (line.Length > 0 || layout.Lines[i].IsKept || (written.Count > 0 && written[^1].Length > 0))
                written.Add(line);
        }

        if (!layout.Lines[^1].IsKept)
        {
            while (written.Count > 0 && written[^1].Length == 0)
                written.RemoveAt(written.Count - 1);
            written.Add("");
        }

        return string.Join('\n', written);
    }

    private static string Moved(string line, LineLayout layout)
    {
        var content = line.TrimStart(' ');
        var indentation = line.Length - content.Length;
        if (content.Length == 0 && indentation <= layout.BlankWithin)
            return "";
        return new string(' ', Math.Max(0, layout.Indentation ?? (indentation + layout.Shift))) + content;
    }

    private static bool SaysTheSame(string before, string after)
    {
        var errors = new List<RulebookError>();
        return YamlReader.Read(before, errors) is { } one && YamlReader.Read(after, errors) is { } other && errors.Count == 0 && AreSame(one, other, false);
    }

    private static bool AreSame(YamlNode one, YamlNode other, bool isExpression) => (one, other) switch
    {
        (YamlScalar first, YamlScalar second) => isExpression ? OnOneLine(first) == OnOneLine(second) : first.Text.Text == second.Text.Text,
        (YamlSequence first, YamlSequence second) =>
            first.Items.Length == second.Items.Length && first.Items.Zip(second.Items).All(pair => AreSame(pair.First, pair.Second, isExpression)),
        (YamlMapping first, YamlMapping second) => first.Entries.Length == second.Entries.Length && first.Entries.Zip(second.Entries).All(pair =>
            pair.First.Key.Text.Text == pair.Second.Key.Text.Text
            && AreSame(pair.First.Value, pair.Second.Value, isExpression || LayoutReader.HoldsExpressions(pair.First.Key.Text.Text))),
        _ => false,
    };

    private static string OnOneLine(YamlScalar scalar) => ExpressionText.Format(scalar.Text.Text.Replace('\n', ' ').Trim());
}
