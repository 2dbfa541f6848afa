using System.Collections.Immutable;

namespace TaggingPipeline.Domain.Rules.Language;

/// <summary>Turns an expression's text into its tree, or into the list of what is wrong with it.</summary>
/// <remarks>
/// <para>
/// Total: any text gives a tree without errors, or errors without a tree; nothing throws, and the time is proportional to the text's
/// length. Texts longer than <see cref="LongestText"/>, nested deeper than <see cref="DeepestNesting"/> or with more than
/// <see cref="MostOperators"/> operators are refused, so that walking a tree recursively is safe.
/// </para>
/// <para>
/// It goes on after an error where that is sensible, and reports at most <see cref="MostErrors"/>. A node's span includes the parentheses
/// around it, so the text under the span of any node is an expression that means the same.
/// </para>
/// <para>
/// The grammar is in docs/rules.md. Names may contain a minus (<c>value-tier</c>), so subtraction from a name wants a space
/// before the minus: <c>a-1</c> is a name, <c>a - 1</c> and <c>a -1</c> are differences.
/// </para>
/// </remarks>
public sealed partial class Parser
{
    /// <summary>In UTF-16 units.</summary>
    public const int LongestText = 8_192;

    /// <summary>How many parentheses, brackets, calls, <c>not</c>, signs and <c>else</c> may enclose each other.</summary>
    public const int DeepestNesting = 64;

    /// <summary>How many of <c>or and = != &lt; &lt;= &gt; &gt;= + - * /</c> one expression may have.</summary>
    public const int MostOperators = 500;

    /// <summary>How many errors of one expression are reported, the first ones.</summary>
    public const int MostErrors = 20;

    private const string OperatorExpected = "an operator such as `and`, `or`, `=`, `>=`, `+`";

    private readonly string _text;
    private readonly List<SyntaxError> _errors;
    private readonly List<Token> _tokens;
    private int _index;
    private int _lastReported = -1;
    private int _depth;
    private int _operators;
    private bool _isStopped;

    private Parser(string text)
    {
        _text = text;
        _errors = [];
        _tokens = Lexer.Read(text, _errors);
    }

    private Token Current => _tokens[_index];

    private TokenKind Next => _tokens[Math.Min(_index + 1, _tokens.Count - 1)].Kind;

    /// <summary>Reads a whole text as one expression.</summary>
    public static ParsedExpression Parse(string text)
    {
        if (text.Length > LongestText)
        {
            var beyond = new TextSpan(LongestText, text.Length - LongestText);
            return new(null, [new(beyond, $"the expression is too long: {text.Length} characters; expected at most {LongestText}")]);
        }

        var parser = new Parser(text);
        var root = parser.ParseExpression();
        if (parser.Current.Kind != TokenKind.End)
            parser.ReportUnexpected(parser.Current.Kind == TokenKind.Close ? "no `)` here, as no `(` is open" : $"{OperatorExpected}, or the end");
        return parser._errors.Count == 0
            ? new(root, [])
            : new(null, [.. parser._errors.OrderBy(error => error.Span.Start).Take(MostErrors)]);
    }

    private Syntax ParseExpression()
    {
        var then = ParseOr();
        if (Current.Kind != TokenKind.If)
        {
            if (Current.Kind == TokenKind.Else)
                ReportUnexpected("`if` and a condition before `else`");
            return then;
        }

        Advance();
        var condition = ParseOr();
        Syntax? otherwise = null;
        if (Current.Kind == TokenKind.Else && Enter())
        {
            Advance();
            otherwise = ParseExpression();
            _depth--;
        }

        return new IfSyntax(TextSpan.Between(then.Span, (otherwise ?? condition).Span), then, condition, otherwise);
    }

    private Syntax ParseOr()
    {
        var left = ParseAnd();
        while (Current.Kind == TokenKind.Or)
            left = ParseRight(left, BinaryOperator.Or, ParseAnd);
        return left;
    }

    private Syntax ParseAnd()
    {
        var left = ParseNot();
        while (Current.Kind == TokenKind.And)
            left = ParseRight(left, BinaryOperator.And, ParseNot);
        return left;
    }

    private Syntax ParseNot()
    {
        if (IsInCapitals("not") && StartsOperand(Next))
            Mend(TokenKind.Not, "not");
        return Current.Kind == TokenKind.Not ? ParseUnary(UnaryOperator.Not, ParseNot) : ParseComparison();
    }

    private Syntax ParseComparison()
    {
        var left = ParseSum();
        MendWord();
        var compared = left;
        for (var isFirst = true; ; isFirst = false)
        {
            var isIn = Current.Kind is TokenKind.In or TokenKind.Not;
            if (!isIn && ComparisonOf(Current.Kind) is null)
                return compared;
            if (!isFirst)
                Report("comparisons are not chained: write `a < b and b < c`");
            compared = ComparisonOf(Current.Kind) is { } comparison ? ParseRight(compared, comparison, ParseSum) : ParseIn(compared);
            MendWord();
        }
    }

    private Syntax ParseSum() => ParseSumAfter(ParseProduct());

    private Syntax ParseSumAfter(Syntax left)
    {
        while (Current.Kind is TokenKind.Plus or TokenKind.Minus)
            left = ParseRight(left, Current.Kind == TokenKind.Plus ? BinaryOperator.Add : BinaryOperator.Subtract, ParseProduct);
        return left;
    }

    private Syntax ParseProduct() => ParseProductAfter(ParseSigned());

    private Syntax ParseProductAfter(Syntax left)
    {
        while (Current.Kind is TokenKind.Times or TokenKind.Over)
            left = ParseRight(left, Current.Kind == TokenKind.Times ? BinaryOperator.Multiply : BinaryOperator.Divide, ParseSigned);
        return left;
    }

    private Syntax ParseSigned() =>
        Current.Kind == TokenKind.Minus ? ParseUnary(UnaryOperator.Negate, ParseSigned) : ParseOperand();

    private BinarySyntax ParseRight(Syntax left, BinaryOperator @operator, Func<Syntax> parseRight)
    {
        if (++_operators > MostOperators)
            Stop($"the expression is too large: expected at most {MostOperators} operators; `in (a, b, c)` replaces many `or`");
        Advance();
        var right = parseRight();
        return new(TextSpan.Between(left.Span, right.Span), @operator, left, right);
    }

    private Syntax ParseUnary(UnaryOperator @operator, Func<Syntax> parseOperand)
    {
        var start = Current.Span;
        if (!Enter())
            return Nothing();
        Advance();
        var operand = parseOperand();
        _depth--;
        return new UnarySyntax(TextSpan.Between(start, operand.Span), @operator, operand);
    }

    private Syntax ParseIn(Syntax operand)
    {
        var isNegated = Current.Kind == TokenKind.Not;
        if (isNegated)
        {
            Advance();
            if (IsInCapitals("in"))
                Mend(TokenKind.In, "in");
            if (Current.Kind != TokenKind.In)
            {
                ReportUnexpected("`in` after `not`; for a condition that does not hold write `not` before it, for unequal `!=`");
                return operand;
            }
        }

        Advance();
        if (!Expect(TokenKind.Open, "`(` and a list of values after `in`"))
            return operand;
        var options = ImmutableArray.CreateBuilder<Syntax>();
        do
            options.Add(ParseOption());
        while (GoOnAfterItem("`)` to close the list after `in`"));
        var close = Close(TokenKind.Close);
        return new InSyntax(TextSpan.Between(operand.Span, close), operand, options.ToImmutable(), isNegated);
    }

    private Syntax ParseOption()
    {
        MendLiteral();
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Name when Next is not (TokenKind.Dot or TokenKind.Open):
                Advance();
                if (Current.Kind == TokenKind.Name)
                    Report("text of several words stands in quotes, as in \"two words\"");
                return new PathSyntax(token.Span, [token.Text]);
            case TokenKind.Number or TokenKind.Text or TokenKind.Duration or TokenKind.True or TokenKind.False:
                return ParseOperand();
            case TokenKind.Minus when Next is TokenKind.Number or TokenKind.Duration:
                Advance();
                return Negative(token.Span);
            case TokenKind.Unknown:
                Advance();
                return Nothing();
            default:
                ReportUnexpected("a number, text, duration, `true`, `false` or a single word as value of the list"
                    + (token.Kind is >= TokenKind.And and <= TokenKind.Now ? "; a word of the language stands in quotes there" : ""));
                return Nothing();
        }
    }

    /// <summary>The literal that stands there, below zero: within a list a sign is part of the number.</summary>
    private Syntax Negative(TextSpan sign)
    {
        var span = TextSpan.Between(sign, Current.Span);
        return ParseOperand() switch
        {
            NumberSyntax number => new NumberSyntax(span, -number.Number),
            DurationSyntax duration => new DurationSyntax(span, -duration.Milliseconds),
            var other => other,
        };
    }

    private static BinaryOperator? ComparisonOf(TokenKind kind) => kind switch
    {
        TokenKind.Equal => BinaryOperator.Equal,
        TokenKind.NotEqual => BinaryOperator.NotEqual,
        TokenKind.Less => BinaryOperator.Less,
        TokenKind.LessOrEqual => BinaryOperator.LessOrEqual,
        TokenKind.Greater => BinaryOperator.Greater,
        TokenKind.GreaterOrEqual => BinaryOperator.GreaterOrEqual,
        _ => null,
    };
}
