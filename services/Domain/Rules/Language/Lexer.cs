using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace TaggingPipeline.Domain.Rules.Language;

/// <summary>Cuts an expression's text into tokens.</summary>
/// <remarks>
/// Total: what it does not know becomes a reported error, and where it is plain what was meant (<c>==</c>, <c>&amp;&amp;</c>, <c>≥</c>)
/// the token that was meant, so that the parser can go on. A minus directly between a name and a letter or digit belongs to the name
/// (<c>value-tier</c>); subtraction from a name needs a space after the name (<c>a - 1</c>, <c>a -1</c>).
/// </remarks>
internal sealed partial class Lexer
{
    private static readonly FrozenDictionary<string, TokenKind> Keywords = new Dictionary<string, TokenKind>
    {
        ["and"] = TokenKind.And,
        ["or"] = TokenKind.Or,
        ["not"] = TokenKind.Not,
        ["in"] = TokenKind.In,
        ["if"] = TokenKind.If,
        ["else"] = TokenKind.Else,
        ["true"] = TokenKind.True,
        ["false"] = TokenKind.False,
        ["now"] = TokenKind.Now,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Signs, the longest first where one starts another; with a word to write instead if the language does not have the sign.</summary>
    private static readonly (string Sign, TokenKind Kind, string? Instead)[] Signs =
    [
        ("===", TokenKind.Equal, "="), ("!==", TokenKind.NotEqual, "!="), ("==", TokenKind.Equal, "="), ("<>", TokenKind.NotEqual, "!="),
        ("=<", TokenKind.LessOrEqual, "<="), ("=>", TokenKind.GreaterOrEqual, ">="), ("&&", TokenKind.And, "and"), ("||", TokenKind.Or, "or"),
        ("!=", TokenKind.NotEqual, null), ("<=", TokenKind.LessOrEqual, null), (">=", TokenKind.GreaterOrEqual, null),
        ("&", TokenKind.And, "and"), ("|", TokenKind.Or, "or"), ("!", TokenKind.Not, "not"),
        ("=", TokenKind.Equal, null), ("<", TokenKind.Less, null), (">", TokenKind.Greater, null),
        ("(", TokenKind.Open, null), (")", TokenKind.Close, null), ("[", TokenKind.OpenBracket, null), ("]", TokenKind.CloseBracket, null),
        (",", TokenKind.Comma, null), (".", TokenKind.Dot, null),
        ("+", TokenKind.Plus, null), ("-", TokenKind.Minus, null), ("*", TokenKind.Times, null), ("/", TokenKind.Over, null),

        // What word processors, phones and East Asian keyboards make of the signs above.
        ("≠", TokenKind.NotEqual, "!="), ("≤", TokenKind.LessOrEqual, "<="), ("≥", TokenKind.GreaterOrEqual, ">="),
        ("×", TokenKind.Times, "*"), ("÷", TokenKind.Over, "/"), ("–", TokenKind.Minus, "-"), ("—", TokenKind.Minus, "-"), ("−", TokenKind.Minus, "-"),
        ("（", TokenKind.Open, "("), ("）", TokenKind.Close, ")"), ("［", TokenKind.OpenBracket, "["), ("］", TokenKind.CloseBracket, "]"),
        ("，", TokenKind.Comma, ","), ("．", TokenKind.Dot, "."), ("＝", TokenKind.Equal, "="), ("＜", TokenKind.Less, "<"), ("＞", TokenKind.Greater, ">"),
        ("＋", TokenKind.Plus, "+"), ("－", TokenKind.Minus, "-"), ("＊", TokenKind.Times, "*"), ("／", TokenKind.Over, "/"),
    ];

    private readonly string _text;
    private readonly List<SyntaxError> _errors;
    private readonly List<Token> _tokens = [];
    private int _at;

    private Lexer(string text, List<SyntaxError> errors) => (_text, _errors) = (text, errors);

    /// <summary>The tokens of a text; the last is <see cref="TokenKind.End"/>, which stands right after the one before it.</summary>
    public static List<Token> Read(string text, List<SyntaxError> errors)
    {
        var lexer = new Lexer(text, errors);
        while (lexer._at < text.Length)
            lexer.ReadOne();
        var end = lexer._tokens.Count == 0 ? 0 : lexer._tokens[^1].Span.End;
        lexer._tokens.Add(new(TokenKind.End, new(end, 0)));
        return lexer._tokens;
    }

    private void ReadOne()
    {
        var first = _text[_at];
        if (char.IsWhiteSpace(first))
            _at++;
        else if (FollowsDot && IsNamePart(_at, out _))
            ReadName();
        else if (char.IsAsciiDigit(first))
            ReadNumber();
        else if (first == '_' || IsLetter(_at))
            ReadName();
        else if (ClosingQuotes(first) is { } closing)
            ReadText(closing);
        else if (!ReadSign())
            ReadUnknown();
    }

    /// <summary>After a dot a name may start with a digit (<c>products.0.price</c>), and no word is a keyword.</summary>
    private bool FollowsDot => _tokens.Count > 0 && _tokens[^1].Kind == TokenKind.Dot && _tokens[^1].Span.End == _at;

    private void ReadName()
    {
        var (start, isPart) = (_at, FollowsDot);
        while (_at < _text.Length)
        {
            if (IsNamePart(_at, out var length))
                _at += length;
            else if (_text[_at] == '-' && _at > start && IsLetterOrDigit(_at + 1))
                _at++;
            else
                break;
        }

        var name = _text[start.._at];
        Add(isPart ? TokenKind.Name : Keywords.GetValueOrDefault(name, TokenKind.Name), start, name);
    }

    private bool ReadSign()
    {
        foreach (var (sign, kind, instead) in Signs)
        {
            if (string.CompareOrdinal(_text, _at, sign, 0, sign.Length) != 0)
                continue;
            var start = _at;
            _at += sign.Length;
            Add(kind, start);
            if (instead is not null)
                Report(start, $"`{sign}` is not used here: write `{instead}`");
            return true;
        }

        return false;
    }

    /// <summary>All that no token starts with, up to the next blank or known character, as one error.</summary>
    private void ReadUnknown()
    {
        var start = _at;
        Rune.DecodeFromUtf16(_text.AsSpan(_at), out var first, out _);
        do
        {
            Rune.DecodeFromUtf16(_text.AsSpan(_at), out _, out var length);
            _at += length;
        }
        while (_at < _text.Length && !StartsToken(_at));

        Add(TokenKind.Unknown, start);
        var character = IsVisible(first) ? $"`{first}`" : $"the invisible character U+{first.Value:X4}";
        Report(start, $"{character} has no meaning in an expression; text stands in quotes, as in \"…\"");
    }

    private bool StartsToken(int at) =>
        char.IsWhiteSpace(_text[at]) || char.IsAsciiDigit(_text[at]) || _text[at] == '_' || IsLetter(at)
        || ClosingQuotes(_text[at]) is not null || Array.Exists(Signs, sign => sign.Sign[0] == _text[at]);

    private static bool IsVisible(Rune rune) =>
        Rune.IsPunctuation(rune) || Rune.IsSymbol(rune) || Rune.IsNumber(rune);

    private bool IsLetter(int at) =>
        Rune.DecodeFromUtf16(_text.AsSpan(at), out var rune, out _) == OperationStatus.Done && Rune.IsLetter(rune);

    private bool IsLetterOrDigit(int at) =>
        at < _text.Length && Rune.DecodeFromUtf16(_text.AsSpan(at), out var rune, out _) == OperationStatus.Done && Rune.IsLetterOrDigit(rune);

    /// <summary>Letters, digits, underscores, and the marks that many scripts put on letters.</summary>
    private bool IsNamePart(int at, out int length) =>
        Rune.DecodeFromUtf16(_text.AsSpan(at), out var rune, out length) == OperationStatus.Done
        && (Rune.IsLetterOrDigit(rune) || rune.Value == '_'
            || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);

    private void Add(TokenKind kind, int start, string text = "", decimal number = 0) =>
        _tokens.Add(new(kind, new(start, _at - start), text, number));

    private void Report(int start, string message) => _errors.Add(new(new(start, _at - start), message));
}
