using System.Collections.Immutable;

namespace TaggingPipeline.Domain.Rules.Language;

/// <content>What stands between operators: literals, names and calls.</content>
public sealed partial class Parser
{
    private Syntax ParseOperand()
    {
        while (Current.Kind == TokenKind.Unknown && (StartsOperand(Next) || Next == TokenKind.Unknown))
            Advance();
        MendLiteral();
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Number:
                Advance();
                return new NumberSyntax(token.Span, token.Number);
            case TokenKind.Duration:
                Advance();
                return new DurationSyntax(token.Span, (long)token.Number);
            case TokenKind.True or TokenKind.False:
                Advance();
                return new BooleanSyntax(token.Span, token.Kind == TokenKind.True);
            case TokenKind.Now:
                Advance();
                return new NowSyntax(token.Span);
            case TokenKind.Text when Next != TokenKind.Dot:
                Advance();
                return new TextSyntax(token.Span, token.Text);
            case TokenKind.Open:
                return Enter() ? ParseParentheses() : Nothing();
            case TokenKind.Name when Next == TokenKind.Open:
                return token.Text is "tag" or "segment" ? ParseReference(token.Text) : Enter() ? ParseCall() : Nothing();
            case TokenKind.Name or TokenKind.Text or TokenKind.Dot:
                return ParsePath();
            default:
                if (token.Kind == TokenKind.Unknown)
                    Advance();
                else
                    ReportUnexpected("a value: a number, text, duration, name or function");
                return Nothing();
        }
    }

    /// <summary>Entered already, as calls are.</summary>
    private Syntax ParseParentheses()
    {
        var open = Current.Span;
        Advance();
        var inner = ParseExpression();
        var close = Close(TokenKind.Close, "`)`");
        _depth--;
        return inner with { Span = TextSpan.Between(open, close) };
    }

    /// <summary>A path of names; the first may be quoted too, if another part follows or a dot leads (<c>."unit price"</c>).</summary>
    private PathSyntax ParsePath()
    {
        var start = Current.Span;
        var parts = ImmutableArray.CreateBuilder<string>();
        if (Current.Kind != TokenKind.Dot)
        {
            parts.Add(Current.Text);
            Advance();
        }
        else if (Next != TokenKind.Text)
        {
            Report(Next == TokenKind.Name && char.IsAsciiDigit(_tokens[_index + 1].Text[0])
                ? $"a number starts with a digit: write `0.{_tokens[_index + 1].Text}`"
                : "expected a quoted name after a leading dot, as in `.\"unit price\"`");
        }

        ParseFurtherParts(parts);
        var path = new PathSyntax(TextSpan.Between(start, Previous.Span), parts.ToImmutable());
        if (Current.Kind == TokenKind.OpenBracket)
        {
            Report(Next == TokenKind.Number
                ? "a position in a list follows a dot, as in `products.0.price`"
                : "brackets select events within an aggregate, as in `count(purchase[total > 100])`");
            SkipBrackets();
            ParseFurtherParts(parts);
        }

        return path;
    }

    private void ParseFurtherParts(ImmutableArray<string>.Builder parts)
    {
        while (Current.Kind == TokenKind.Dot && Next != TokenKind.Open)
        {
            Advance();
            if (Current.Kind is not (TokenKind.Name or TokenKind.Text))
            {
                ReportUnexpected("a name, a quoted name or a position in a list after the dot");
                return;
            }

            parts.Add(Current.Text);
            Advance();
        }
    }

    private Syntax ParseReference(string what)
    {
        var name = Current.Span;
        Advance();
        Advance();
        var key = Current;
        if (key.Kind is TokenKind.Name or TokenKind.Text or (>= TokenKind.And and <= TokenKind.Now))
            Advance();
        else
            ReportUnexpected(what == "tag" ? "the key of a tag, as in `tag(value-tier)`" : "the key of a segment, as in `segment(win-back)`");
        var close = Close(TokenKind.Close, "`)` after the key; a key with other characters than letters, digits, `_` and `-` stands in quotes");
        var span = TextSpan.Between(name, close);
        return what == "tag" ? new TagSyntax(span, key.Text, key.Span) : new SegmentSyntax(span, key.Text, key.Span);
    }

    private CallSyntax ParseCall()
    {
        var name = Current;
        Advance();
        Advance();
        var arguments = ImmutableArray.CreateBuilder<Syntax>();
        var isAggregate = Vocabulary.Aggregates.Contains(name.Text);
        if (Current.Kind != TokenKind.Close || isAggregate)
        {
            // A function that does not exist is reported later, by name; until then its events shall not look like errors.
            var startsWithEvents = isAggregate || (!Vocabulary.Functions.Contains(name.Text) && IsEventKind);
            arguments.Add(!startsWithEvents ? ParseExpression() : _filters > 0 ? ParseItems(name.Text) : ParseEvents(name.Text));
            while (GoOnAfterItem($"`)` to close `{Shortened(name)}(`"))
                arguments.Add(isAggregate && StartsWindow ? ParseWindow() : ParseExpression());
        }

        var close = Close(TokenKind.Close, "`)`");
        _depth--;
        return new CallSyntax(TextSpan.Between(name.Span, close), name.Text, name.Span, arguments.ToImmutable());
    }
}
