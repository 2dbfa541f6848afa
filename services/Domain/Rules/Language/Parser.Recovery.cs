namespace TaggingPipeline.Domain.Rules.Language;

/// <content>Walking through the tokens, and going on after an error without reporting its consequences.</content>
public sealed partial class Parser
{
    /// <summary>Words and signs that follow a value, by what people write for them.</summary>
    private static readonly (string Written, TokenKind Kind, string Meant)[] OtherWords =
    [
        ("and", TokenKind.And, "and"), ("or", TokenKind.Or, "or"), ("not", TokenKind.Not, "not"), ("in", TokenKind.In, "in"),
        ("if", TokenKind.If, "if"), ("else", TokenKind.Else, "else"),
        ("is", TokenKind.Equal, "="), ("equals", TokenKind.Equal, "="), ("when", TokenKind.If, "if"), ("where", TokenKind.If, "if"),
    ];

    private Token Previous => _tokens[Math.Max(_index - 1, 0)];

    private static bool StartsOperand(TokenKind kind) =>
        kind is TokenKind.Name or TokenKind.Text or TokenKind.Number or TokenKind.Duration or TokenKind.True or TokenKind.False
            or TokenKind.Now or TokenKind.Open;

    private void Advance()
    {
        if (_index < _tokens.Count - 1)
            _index++;
    }

    /// <summary>One level deeper; false, with everything stopped, at the limit.</summary>
    private bool Enter()
    {
        if (_depth == DeepestNesting)
        {
            Stop($"the expression is nested too deeply: expected at most {DeepestNesting} levels");
            return false;
        }

        _depth++;
        return true;
    }

    /// <summary>Stands in where there is no operand. The tree is thrown away, since an error was reported.</summary>
    private NowSyntax Nothing() => new(new TextSpan(Current.Span.Start, 0));

    /// <summary>At most one error a token: the others are consequences, as are all at a character that the lexer has reported.</summary>
    private void Report(string message)
    {
        if (_isStopped || _lastReported == _index)
            return;
        _lastReported = _index;
        if (Current.Kind != TokenKind.Unknown)
            _errors.Add(new(Current.Span, message));
    }

    private void ReportUnexpected(string expected)
    {
        var found = Current.Kind == TokenKind.End ? "the end" : $"`{Shortened(Current)}`";
        Report($"expected {expected}; found {found}");
    }

    /// <summary>Reports the last error that there will be, and goes to the end.</summary>
    private void Stop(string message)
    {
        Report(message);
        _isStopped = true;
        _index = _tokens.Count - 1;
    }

    private bool Expect(TokenKind kind, string expected)
    {
        if (Current.Kind != kind)
        {
            ReportUnexpected(expected);
            return false;
        }

        Advance();
        return true;
    }

    /// <summary>Whether another item of a list follows, with its comma read. Skips what stands there instead of a comma.</summary>
    private bool GoOnAfterItem(string orClose)
    {
        if (Current.Kind is TokenKind.Close or TokenKind.End)
            return false;
        if (Current.Kind != TokenKind.Comma)
        {
            ReportUnexpected($"`,` or {orClose}");
            Skip(toComma: true);
        }

        if (Current.Kind != TokenKind.Comma)
            return false;
        Advance();
        return true;
    }

    /// <summary>Reads a closing parenthesis or bracket, and skips what stands before it. One that closes something else is left for that.</summary>
    private TextSpan Close(TokenKind kind, string expected = "`)`")
    {
        if (Current.Kind != kind)
        {
            ReportUnexpected(expected);
            Skip(toComma: false);
        }

        var span = Current.Kind == kind ? Current.Span : Previous.Span;
        if (Current.Kind == kind)
            Advance();
        return span;
    }

    /// <summary>Goes to the next parenthesis or bracket that closes what is open here, or to the next comma there.</summary>
    private void Skip(bool toComma)
    {
        for (var open = 0; Current.Kind != TokenKind.End; Advance())
        {
            if (open == 0 && (Current.Kind is TokenKind.Close or TokenKind.CloseBracket || (toComma && Current.Kind == TokenKind.Comma)))
                return;
            open += Current.Kind switch
            {
                TokenKind.Open or TokenKind.OpenBracket => 1,
                TokenKind.Close or TokenKind.CloseBracket => -1,
                _ => 0,
            };
        }
    }

    private void SkipBrackets()
    {
        while (Current.Kind == TokenKind.OpenBracket)
        {
            Advance();
            Skip(toComma: false);
            if (Current.Kind == TokenKind.CloseBracket)
                Advance();
        }
    }

    /// <summary>Whether the current word is a keyword but for upper and lower case.</summary>
    private bool IsInCapitals(string keyword) =>
        Current.Kind == TokenKind.Name && string.Equals(Current.Text, keyword, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reports the current word, and reads it as what was probably meant.</summary>
    private void Mend(TokenKind kind, string meant)
    {
        Report($"`{Shortened(Current)}` is not known here; did you mean `{meant}`?");
        _tokens[_index] = Current with { Kind = kind };
    }

    /// <summary>Reads <c>True</c> as <c>true</c>, where a value is expected.</summary>
    private void MendLiteral()
    {
        if (Current.Kind != TokenKind.Name || Next is TokenKind.Dot or TokenKind.Open)
            return;
        if (IsInCapitals("true"))
            Mend(TokenKind.True, "true");
        else if (IsInCapitals("false"))
            Mend(TokenKind.False, "false");
        else if (IsInCapitals("now"))
            Mend(TokenKind.Now, "now");
    }

    /// <summary>Reads <c>AND</c>, <c>adn</c> and the like as the operator that was meant, where an operator is expected.</summary>
    private void MendWord()
    {
        if (Current.Kind == TokenKind.Unknown)
            SkipUnknown();
        if (Current.Kind != TokenKind.Name)
            return;
        if (Previous.Kind == TokenKind.Number && Array.Exists(Lexer.UnitNames, unit => unit == Current.Text))
        {
            Report("a duration is written without a blank, as in `90d`");
            Advance();
        }
        else if (Suggestions.Nearest(Current.Text, OtherWords.Select(word => word.Written)) is { } near)
        {
            var (_, kind, meant) = Array.Find(OtherWords, word => word.Written == near);
            Mend(kind, meant);
        }
    }

    /// <summary>Leaves out what cannot be read, up to where a new condition, item or bracket starts or ends.</summary>
    private void SkipUnknown()
    {
        while (Current.Kind is not (TokenKind.And or TokenKind.Or or TokenKind.If or TokenKind.Else or TokenKind.Comma
            or TokenKind.Close or TokenKind.CloseBracket or TokenKind.End))
        {
            var isOpening = Current.Kind is TokenKind.Open or TokenKind.OpenBracket;
            Advance();
            if (isOpening)
            {
                Skip(toComma: false);
                Advance();
            }
        }
    }

    private string Shortened(Token token)
    {
        const int Longest = 40;
        var written = _text.AsSpan(token.Span.Start, token.Span.Length);
        if (written.Length <= Longest)
            return written.ToString();
        return $"{written[..(char.IsHighSurrogate(written[Longest - 1]) ? Longest - 1 : Longest)]}…";
    }
}
