using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.CommandLine.Mapping;

/// <summary>
/// Reads amounts:
/// <code>
/// amount  = product { ("+" | "-") product }
/// product = factor { "*" factor }
/// factor  = "-" factor | "abs" "(" amount ")" | "(" amount ")" | number | column
/// column  = a name of letters, digits, "_" and "." | "{" any name "}"
/// </code>
/// </summary>
/// <param name="column">Gives a column's number by its name.</param>
internal sealed class AmountParser(string text, Func<string, int> column)
{
    /// <summary>Parentheses and signs may stand this deep, so that no input exhausts the stack.</summary>
    private const int MaxDepth = 32;

    private int _position;
    private int _depth;
    private string? _problem;

    /// <returns>The amount, or what is wrong with the text.</returns>
    public (Amount? Amount, string? Problem) Parse()
    {
        var amount = ParseAmount();
        if (_problem is null && Peek() != '\0')
            Fail("expected `+`, `-`, `*` or the end");
        return _problem is null ? (amount, null) : (null, _problem);
    }

    private Amount ParseAmount()
    {
        var left = ParseProduct();
        while (_problem is null && Peek() is '+' or '-')
        {
            var isDifference = text[_position++] == '-';
            var right = ParseProduct();
            left = new SumAmount(left, isDifference ? new NegatedAmount(right) : right);
        }

        return left;
    }

    private Amount ParseProduct()
    {
        var left = ParseFactor();
        while (_problem is null && Peek() == '*')
        {
            _position++;
            left = new ProductAmount(left, ParseFactor());
        }

        return left;
    }

    private Amount ParseFactor()
    {
        if (++_depth > MaxDepth)
            return Fail($"nested more than {MaxDepth} levels deep");
        var factor = Peek() switch
        {
            '-' => Negated(),
            '(' => Parenthesised(),
            '{' => Braced(),
            >= '0' and <= '9' => Number(),
            '_' => Name(),
            var other when char.IsLetter(other) => Name(),
            _ => Fail("expected a column, a number, `-`, `abs(` or `(`"),
        };
        _depth--;
        return factor;
    }

    private NegatedAmount Negated()
    {
        _position++;
        return new(ParseFactor());
    }

    private Amount Parenthesised()
    {
        _position++;
        var inner = ParseAmount();
        if (_problem is null && Peek() != ')')
            return Fail("expected `)`");
        _position++;
        return inner;
    }

    private Amount Braced()
    {
        var end = text.IndexOf('}', _position);
        if (end < 0)
            return Fail("a `{` is never closed");
        var name = text[(_position + 1)..end].Trim();
        _position = end + 1;
        return new ColumnAmount(column(name));
    }

    private ConstantAmount Number()
    {
        var digits = Take(character => char.IsAsciiDigit(character) || character == '.');
        return Value.TryParseNumber(digits, out var number) ? new ConstantAmount(number) : Fail($"`{digits}` is not a number");
    }

    private Amount Name()
    {
        var name = Take(character => char.IsLetterOrDigit(character) || character is '_' or '.');
        return name == "abs" && Peek() == '(' ? new AbsoluteAmount(Parenthesised()) : new ColumnAmount(column(name));
    }

    private string Take(Func<char, bool> belongs)
    {
        var start = _position;
        while (_position < text.Length && belongs(text[_position]))
            _position++;
        return text[start.._position];
    }

    /// <summary>The next character that is not blank, which is then the current one; NUL at the end.</summary>
    private char Peek()
    {
        while (_position < text.Length && char.IsWhiteSpace(text[_position]))
            _position++;
        return _position < text.Length ? text[_position] : '\0';
    }

    private ConstantAmount Fail(string problem)
    {
        _problem ??= $"`{text}`, character {_position + 1}: {problem}";
        return new(0);
    }
}
