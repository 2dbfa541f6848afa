using System.Collections.Immutable;

namespace TaggingPipeline.Domain.Rules.Language;

/// <content>The events that aggregates look at: kind, name, filters, line items, field, and what follows them.</content>
public sealed partial class Parser
{
    private const string FilterExpected = "an event's name in quotes, or a condition";

    private static readonly string Kinds = $"{string.Join(", ", Vocabulary.EventKinds[..^1])} or {Vocabulary.EventKinds[^1]}";

    /// <summary>How many brackets of events are open: within them aggregates look at lists of the event.</summary>
    private int _filters;

    private bool IsEventKind => Current.Kind == TokenKind.Name && Vocabulary.EventKinds.Contains(Current.Text);

    private Syntax ParseEvents(string aggregate)
    {
        if (Current.Kind != TokenKind.Name)
        {
            ReportUnexpected($"events, which start with {Kinds}; `{aggregate}` looks at events, as in `{aggregate}(purchase{Example(aggregate)})`"
                + (Current.Kind == TokenKind.Text ? "; an event's name stands in brackets, as in `event[\"Order Completed\"]`" : ""));
            return Current.Kind == TokenKind.Close ? Nothing() : ParseExpression();
        }

        var events = ParseSelected();
        events = ParseField(events);
        var since = ParseSince();
        var then = ParseSteps();
        return events with { Span = TextSpan.Between(events.Span, Previous.Span), Since = since, Then = then };
    }

    /// <summary>Within a filter: the items of a list of the event, <c>products[price &gt; 5].price</c>.</summary>
    private Syntax ParseItems(string aggregate)
    {
        if (Current.Kind is not (TokenKind.Name or TokenKind.Text or TokenKind.Dot))
        {
            ReportUnexpected($"a list of the event; within brackets `{aggregate}` looks at the items of a list, as in `{aggregate}(products[price > 10]{(Example(aggregate).Length > 0 ? ".price" : "")})`");
            return Current.Kind == TokenKind.Close ? Nothing() : ParseExpression();
        }

        var start = Current.Span;
        var list = ImmutableArray.CreateBuilder<string>();
        if (Current.Kind != TokenKind.Dot)
        {
            list.Add(Current.Text);
            Advance();
        }

        ParseFurtherParts(list);
        if (Current.Kind != TokenKind.OpenBracket)
            ReportUnexpected($"`[` and `]` after the list, as in `{aggregate}(products[price > 10])`");
        var events = new EventsSyntax(TextSpan.Between(start, Previous.Span), "", null, null, [], null, list.ToImmutable(), null, null, []);
        events = ParseField(events);
        return events with { Span = TextSpan.Between(start, Previous.Span) };
    }

    /// <summary>The kind, the name and the conditions: which events.</summary>
    private EventsSyntax ParseSelected()
    {
        var kind = Current;
        if (!IsEventKind)
            Report($"`{Shortened(kind)}` is not a kind of event: expected {Kinds}{Suggestions.DidYouMean(kind.Text, Vocabulary.EventKinds)}");
        Advance();
        string? name = null;
        Syntax? filter = null;
        while (Current.Kind == TokenKind.OpenBracket)
            ParseFilter(ref name, ref filter);
        return new(TextSpan.Between(kind.Span, Previous.Span), kind.Text, name, filter, [], null, [], null, null, []);
    }

    /// <summary>What is looked at of the events: a path, the items of a list, or something computed of fields.</summary>
    private EventsSyntax ParseField(EventsSyntax events)
    {
        var parts = ImmutableArray.CreateBuilder<string>();
        parts.AddRange(events.Field);
        var start = _index + 1;
        ParseFurtherParts(parts);
        var (list, itemFilter) = (ImmutableArray<string>.Empty, (Syntax?)null);
        if (Current.Kind == TokenKind.OpenBracket)
        {
            list = parts.DrainToImmutable();
            itemFilter = ParseItemFilter();
            start = _index + 1;
            ParseFurtherParts(parts);
            if (Current.Kind == TokenKind.OpenBracket)
            {
                Report("one list is looked into, not a list within its items");
                SkipBrackets();
                ParseFurtherParts(parts);
            }
        }

        var computed = ParseComputed(parts, start);
        return events with { List = list, ItemFilter = itemFilter, Field = computed is null ? parts.ToImmutable() : [], Computed = computed };
    }

    /// <param name="start">The token at which the path in <paramref name="parts"/> starts.</param>
    private Syntax? ParseComputed(ImmutableArray<string>.Builder parts, int start)
    {
        Syntax left;
        if (Current.Kind == TokenKind.Dot && Next == TokenKind.Open && Enter())
        {
            if (parts.Count > 0)
                Report("what is computed stands right after the events or the list, as in `purchase.(total - tax)`");
            Advance();
            _filters++;
            left = ParseParentheses();
            _filters--;
        }
        else if (parts.Count > 0 && Current.Kind is TokenKind.Times or TokenKind.Over or TokenKind.Plus or TokenKind.Minus)
        {
            left = new PathSyntax(TextSpan.Between(_tokens[start].Span, Previous.Span), parts.ToImmutable());
        }
        else
        {
            return null;
        }

        _filters++;
        var computed = ParseSumAfter(ParseProductAfter(left));
        _filters--;
        return computed;
    }

    private void ParseFilter(ref string? name, ref Syntax? filter)
    {
        if (!Enter())
            return;
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
            _filters++;
            var condition = ParseExpression();
            _filters--;
            filter = filter is null
                ? condition
                : new BinarySyntax(TextSpan.Between(filter.Span, condition.Span), BinaryOperator.And, filter, condition);
        }

        Close(TokenKind.CloseBracket, "`]`, or `and` and a further condition");
        _depth--;
    }

    private Syntax? ParseItemFilter()
    {
        Syntax? filter = null;
        if (!Enter())
            return null;
        Advance();
        if (Current.Kind != TokenKind.CloseBracket)
        {
            _filters++;
            filter = ParseExpression();
            _filters--;
        }

        Close(TokenKind.CloseBracket, "`]`, or `and` and a further condition");
        _depth--;
        return filter;
    }

    private Syntax? ParseSince()
    {
        if (Current.Kind != TokenKind.Name || Current.Text == "then")
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

    /// <summary><c>then purchase within 2h</c>, <c>then no purchase within 2h</c>, any number of them.</summary>
    private ImmutableArray<StepSyntax> ParseSteps()
    {
        if (Current is not { Kind: TokenKind.Name, Text: "then" })
            return [];
        var steps = ImmutableArray.CreateBuilder<StepSyntax>();
        while (Current is { Kind: TokenKind.Name, Text: "then" })
        {
            var start = Current.Span;
            if (steps.Count > 0 && steps[^1].IsAbsent)
                Report("nothing can follow what does not happen: `then no …` is the last step");
            if (++_operators > MostOperators)
                Stop($"the expression is too large: expected at most {MostOperators} operators");
            Advance();
            var isAbsent = Current is { Kind: TokenKind.Name, Text: "no" };
            if (isAbsent)
                Advance();
            if (Current.Kind != TokenKind.Name)
            {
                ReportUnexpected($"events after `then`, which start with {Kinds}");
                return steps.ToImmutable();
            }

            var events = ParseSelected();
            if (Current is not { Kind: TokenKind.Name, Text: "within" })
            {
                ReportUnexpected("`within` and a duration after each step, as in `then purchase within 2h`");
                return steps.ToImmutable();
            }

            Advance();
            if (Current is not { Kind: TokenKind.Duration, Number: > 0 })
            {
                ReportUnexpected("a duration after `within`, such as `2h`");
                return steps.ToImmutable();
            }

            var within = (long)Current.Number;
            Advance();
            steps.Add(new(TextSpan.Between(start, Previous.Span), isAbsent, events, within));
        }

        return steps.ToImmutable();
    }

    private static string Example(string aggregate) => aggregate is "sum" or "avg" or "min" or "max" or "distinct" or "top" ? ".total" : "";
}
