using System.Text;

namespace TaggingPipeline.Domain.Specs.Language;

/// <summary>Expressions as somebody in a hurry writes them: with blanks missing and blanks too many.</summary>
internal static class SloppyText
{
    /// <param name="expression">With one blank around operators.</param>
    /// <param name="lineBreak">What may stand in place of a blank; empty for none.</param>
    public static string Of(string expression, Random random, string lineBreak)
    {
        var text = new StringBuilder();
        var isQuoted = false;
        for (var i = 0; i < expression.Length; i++)
        {
            var letter = expression[i];
            isQuoted ^= letter == '"';
            var isBlank = letter == ' ' && !isQuoted;
            if (!isBlank)
                text.Append(letter);
            if (isBlank && IsSign(expression[i - 1]) && IsSign(expression[i + 1]) is false && expression[i - 1] != '-' && random.Next(3) == 0)
                continue;
            if (isBlank)
                text.Append(random.Next(8) == 0 && lineBreak.Length > 0 ? lineBreak : new string(' ', random.Next(1, 4)));
            else if (!isQuoted && letter is '(' or ',' or ')' or '[' or ']' && random.Next(4) == 0)
                text.Append(' ', random.Next(1, 3));
        }

        return text.ToString().Trim();
    }

    private static bool IsSign(char letter) => letter is '=' or '<' or '>' or '+' or '*' or '/' or ',' or '-';
}
