using System.Text;

namespace TaggingPipeline.Domain.Rules.Language;

/// <summary>How an expression is written: with one blank between words and around operators, and none where a blank says nothing.</summary>
/// <remarks>It goes by tokens and knows no grammar, so it works for whatever the language learns to say.</remarks>
public static class ExpressionText
{
    /// <summary>Words between two operands, after which a parenthesis opens no call.</summary>
    private static readonly string[] InfixWords = ["since", "then", "no", "within"];

    /// <summary>
    /// The text with its blanks in order. Line breaks stay where they are, with the indentation after them; blanks at the ends of lines, before and after the
    /// expression go.
    /// </summary>
    /// <remarks>
    /// Total and idempotent, and the tokens stay the same. A text that is not made of tokens, or of which other tokens would become, comes back as it is.
    /// </remarks>
    public static string Format(string text)
    {
        var errors = new List<SyntaxError>();
        var tokens = Lexer.Read(text, errors);
        if (errors.Count > 0 || tokens.Count == 1)
            return text;
        var formatted = new StringBuilder(text.Length);
        for (var i = 0; i + 1 < tokens.Count; i++)
        {
            var gapStart = i == 0 ? 0 : tokens[i - 1].Span.End;
            var gap = text.AsSpan(gapStart, tokens[i].Span.Start - gapStart);
            if (gap.ContainsAny('\n', '\r'))
                AppendLineBreaks(formatted, gap);
            else if (i > 0 && IsSpaced(tokens, i))
                formatted.Append(' ');
            formatted.Append(text, tokens[i].Span.Start, tokens[i].Span.Length);
        }

        var result = formatted.ToString();
        return HasSameTokens(result, tokens) ? result : text;
    }

    /// <summary>The line breaks of a gap, and what the last line starts with.</summary>
    private static void AppendLineBreaks(StringBuilder formatted, ReadOnlySpan<char> gap)
    {
        var breaks = gap.ToString().ReplaceLineEndings("\n").Split('\n');
        formatted.Append('\n', breaks.Length - 1).Append(breaks[^1]);
    }

    /// <summary>Whether a blank stands between a token and the one before it.</summary>
    private static bool IsSpaced(List<Token> tokens, int index)
    {
        var (before, token) = (tokens[index - 1].Kind, tokens[index].Kind);
        if (before is TokenKind.Open or TokenKind.OpenBracket or TokenKind.Dot || token is TokenKind.Close or TokenKind.CloseBracket or TokenKind.Comma)
            return false;
        if (before == TokenKind.Minus && IsSign(tokens, index - 1))
            return false;
        return token switch
        {
            TokenKind.Dot => !EndsOperand(before),
            TokenKind.OpenBracket => before is not (TokenKind.Name or TokenKind.Text or TokenKind.CloseBracket or TokenKind.Close),
            TokenKind.Open => before != TokenKind.Name || IsInfix(tokens, index - 1),
            _ => true,
        };
    }

    /// <summary>Whether a minus makes the number after it negative, and takes nothing away.</summary>
    private static bool IsSign(List<Token> tokens, int index) => index == 0 || !EndsOperand(tokens[index - 1].Kind);

    /// <summary>Whether a name is a word between two operands.</summary>
    private static bool IsInfix(List<Token> tokens, int index) =>
        index > 0 && EndsOperand(tokens[index - 1].Kind) && InfixWords.Contains(tokens[index].Text, StringComparer.Ordinal);

    private static bool EndsOperand(TokenKind kind) => kind is
        TokenKind.Name or TokenKind.Text or TokenKind.Number or TokenKind.Duration or TokenKind.True or TokenKind.False or TokenKind.Now
        or TokenKind.Close or TokenKind.CloseBracket;

    private static bool HasSameTokens(string text, List<Token> expected)
    {
        var errors = new List<SyntaxError>();
        var tokens = Lexer.Read(text, errors);
        return errors.Count == 0 && tokens.Count == expected.Count
            && tokens.Zip(expected).All(pair => pair.First with { Span = default } == pair.Second with { Span = default });
    }
}
