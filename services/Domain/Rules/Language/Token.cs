namespace TaggingPipeline.Domain.Rules.Language;

internal enum TokenKind : byte
{
    End, Name, Text, Number, Duration,
    And, Or, Not, In, If, Else, True, False, Now,
    Open, Close, OpenBracket, CloseBracket, Comma, Dot,
    Plus, Minus, Times, Over,
    Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual,

    /// <summary>Something that no expression contains; the lexer has reported it.</summary>
    Unknown,
}

/// <summary>A word, literal or sign of an expression.</summary>
/// <param name="Text">A name as written, or what a text says; otherwise empty.</param>
/// <param name="Number">A number, or the milliseconds of a duration; otherwise 0.</param>
internal readonly record struct Token(TokenKind Kind, TextSpan Span, string Text = "", decimal Number = 0);
