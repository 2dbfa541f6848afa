using System.Collections.Immutable;

namespace TaggingPipeline.Domain.Rules.Language;

/// <content>What stands between operators: literals, names, calls, and the events that aggregates look at.</content>
public sealed partial class Parser
{
    private const string FilterExpected = "an event's name in quotes, or a condition";

    private static readonly string Kinds = $"{string.Join(", ", Vocabulary.EventKinds[..^1])} or {Vocabulary.EventKinds[^1]}";

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
                return token.Text == "tag" ? ParseTag() : Enter() ? ParseCall() : Nothing();
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
        while (Current.Kind == TokenKind.Dot)
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

    private TagSyntax ParseTag()
    {
        var name = Current.Span;
        Advance();
        Advance();
        var key = Current;
        if (key.Kind is TokenKind.Name or TokenKind.Text or (>= TokenKind.And and <= TokenKind.Now))
            Advance();
        else
            ReportUnexpected("the key of a tag, as in `tag(value-tier)`");
        var close = Close(TokenKind.Close, "`)` after the key; a key with other characters than letters, digits, `_` and `-` stands in quotes");
        return new TagSyntax(TextSpan.Between(name, close), key.Text, key.Span);
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
            arguments.Add(startsWithEvents ? ParseEvents(name.Text) : ParseExpression());
            while (GoOnAfterItem($"`)` to close `{Shortened(name)}(`"))
                arguments.Add(ParseExpression());
        }

        var close = Close(TokenKind.Close, "`)`");
        _depth--;
        return new CallSyntax(TextSpan.Between(name.Span, close), name.Text, name.Span, arguments.ToImmutable());
    }

    private bool IsEventKind => Current.Kind == TokenKind.Name && Vocabulary.EventKinds.Contains(Current.Text);

    private Syntax ParseEvents(string aggregate)
    {
        var kind = Current;
        if (kind.Kind != TokenKind.Name)
        {
            ReportUnexpected($"events, which start with {Kinds}; `{aggregate}` looks at events, as in `{aggregate}(purchase{Example(aggregate)})`"
                + (kind.Kind == TokenKind.Text ? "; an event's name stands in brackets, as in `event[\"Order Completed\"]`" : ""));
            return Current.Kind == TokenKind.Close ? Nothing() : ParseExpression();
        }

        if (!IsEventKind)
            Report($"`{Shortened(kind)}` is not a kind of event: expected {Kinds}{Suggestions.DidYouMean(kind.Text, Vocabulary.EventKinds)}");
        Advance();
        string? name = null;
        Syntax? filter = null;
        ParseFilters(ref name, ref filter);
        var field = ImmutableArray.CreateBuilder<string>();
        ParseFurtherParts(field);
        if (Current.Kind == TokenKind.OpenBracket)
        {
            Report("brackets stand before the field, as in `purchase[total > 100].total`");
            ParseFilters(ref name, ref filter);
        }

        var since = ParseSince();
        return new EventsSyntax(TextSpan.Between(kind.Span, Previous.Span), kind.Text, name, filter, field.ToImmutable(), since);
    }

    private static string Example(string aggregate) => aggregate is "sum" or "avg" or "min" or "max" or "distinct" ? ".total" : "";

    private void ParseFilters(ref string? name, ref Syntax? filter)
    {
        while (Current.Kind == TokenKind.OpenBracket && Enter())
        {
            Advance();
            if (Current.Kind == TokenKind.CloseBracket)
            {
                ReportUnexpected(FilterExpected);
            }
            else if (Current.Kind == TokenKind.Text && Next == TokenKind.CloseBracket)
            {
                if (name is not null)
                    Report("an event has one name: for any of several count each, or compare `name`, as in `event[name in (\"A\", \"B\")]`");
                name = Current.Text;
                Advance();
            }
            else
            {
                var condition = ParseExpression();
                filter = filter is null
                    ? condition
                    : new BinarySyntax(TextSpan.Between(filter.Span, condition.Span), BinaryOperator.And, filter, condition);
            }

            Close(TokenKind.CloseBracket, "`]`, or `and` and a further condition");
            _depth--;
        }
    }

    private Syntax? ParseSince()
    {
        if (Current.Kind != TokenKind.Name)
            return null;
        if (Current.Text != "since")
        {
            if (Suggestions.Nearest(Current.Text, ["since"]) is null)
                return null;
            Mend(TokenKind.Name, "since");
        }

        Advance();
        return ParseSum();
    }
}
