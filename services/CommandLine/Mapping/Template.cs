using System.Collections.Immutable;
using System.Text;

namespace TaggingPipeline.CommandLine.Mapping;

/// <summary>Text with columns in braces, such as <c>{InvoiceNo}-{Line}</c>; a doubled brace stands for itself.</summary>
/// <param name="Parts">Literal text and column numbers, in order.</param>
internal sealed record Template(ImmutableArray<TemplatePart> Parts)
{
    public string Of(RowUnderMapping row)
    {
        if (Parts.Length == 1)
            return Parts[0].Of(row);
        var text = new StringBuilder();
        foreach (var part in Parts)
            text.Append(part.Of(row));
        return text.ToString();
    }

    /// <summary>Reads a template.</summary>
    /// <param name="column">Gives a column's number by its name.</param>
    /// <returns>The template, or what is wrong with the text.</returns>
    public static (Template? Template, string? Problem) Parse(string text, Func<string, int> column)
    {
        var parts = ImmutableArray.CreateBuilder<TemplatePart>();
        var literal = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '{' or '}' && i + 1 < text.Length && text[i + 1] == text[i])
            {
                literal.Append(text[i++]);
            }
            else if (text[i] == '{')
            {
                var end = text.IndexOf('}', i);
                if (end <= i + 1)
                    return (null, end < 0 ? "a `{` is never closed (write `{{` for a brace)" : "`{}` names no column");
                Flush();
                parts.Add(new("", column(text[(i + 1)..end].Trim())));
                i = end;
            }
            else if (text[i] == '}')
            {
                return (null, "a `}` was never opened (write `}}` for a brace)");
            }
            else
            {
                literal.Append(text[i]);
            }
        }

        Flush();
        return (new(parts.ToImmutable()), null);

        void Flush()
        {
            if (literal.Length > 0)
                parts.Add(new(literal.ToString(), null));
            literal.Clear();
        }
    }
}

/// <param name="Column">The column whose text it is; null for literal text.</param>
internal readonly record struct TemplatePart(string Literal, int? Column)
{
    public string Of(RowUnderMapping row) => Column is { } column ? row.Text(column) : Literal;
}
